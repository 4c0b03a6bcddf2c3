"""Which formula cells hold error values?"""

from collections.abc import Iterator

import numpy as np

from roi_xl.engines import embedded
from roi_xl.engines.book import Book
from roi_xl.engines.libreoffice import OfficeBook
from roi_xl.errors import ExcelError
from roi_xl.recalc.differing import numbers_now
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import arrays


def errors_now(book: Book | OfficeBook) -> Iterator[tuple[Address, ExcelError]]:
    """Each formula cell, or member of an array, that is an error now, with that error."""
    for name in book.contents.sheets:
        cells, peek = book.cells[name], book.peekers[name]
        others = np.flatnonzero(np.isnan(numbers_now(book, name))).tolist()
        members = (member for members in arrays(book.sheet(name)).values() for member in members)
        for place in (*((cells.rows[other], cells.columns[other]) for other in others), *members):
            value = embedded.finite(peek(*place))
            if isinstance(value, ExcelError):
                yield Address(name, *place), value
