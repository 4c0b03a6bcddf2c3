"""How is a workbook file opened as a model, and whose values does it have?"""

import contextlib
import os
from collections.abc import Iterator
from typing import Literal, TypeVar

from roi_xl.engines.book import Book
from roi_xl.engines.libreoffice import OfficeBook, has_office
from roi_xl.errors import FileProblem, NotSupported
from roi_xl.formula.formulas import Formulas
from roi_xl.recalc.model import LoadedModel
from roi_xl.recalc.replay import replay, replay_in_office
from roi_xl.xlsx.package import Package, read_package

Engine = Literal["embedded", "libreoffice", "auto"]

M = TypeVar("M", bound=LoadedModel)


def open_as(
    kind: type[M],
    path: str | os.PathLike[str],
    engine: Engine,
    *,
    trust_engine: bool = False,
    ignore_validation: bool = False,
    **how: bool,
) -> M:
    """A workbook file as a model of the given class; see `roi_xl.open_model`."""
    package = read_package(path)
    always = {"trust_engine": trust_engine, "ignore_validation": ignore_validation}
    if engine == "libreoffice":
        return open_in_office(kind, package, **always)
    try:
        model = open_with_engine(kind, package, **always, **how)
    except NotSupported:
        if engine == "auto" and has_office():
            return open_in_office(kind, package, **always)
        raise
    if engine == "auto" and model.differences and has_office():
        with contextlib.suppress(NotSupported, FileProblem):
            other = open_in_office(kind, package, **always)
            return model if other.differences else other
    return model


def open_with_engine(kind: type[M], package: Package, *, trust_engine: bool = False, **how: bool) -> M:
    """A package with the embedded engine's values."""
    with named(package):
        book = Book(package)
        return kind(book, replay(book, trust_engine), trust_engine=trust_engine, **how)


@contextlib.contextmanager
def named(package: Package) -> Iterator[None]:
    """Name the file in a refusal that does not."""
    try:
        yield
    except NotSupported as problem:
        if str(package.path) in str(problem):
            raise
        raise NotSupported(f"{package.path}: {problem}") from None


def open_package(package: Package, formulas: Formulas | None = None) -> LoadedModel:
    """A package as a plain model; its formulas, where they have been read already."""
    with named(package):
        book = Book(package, formulas)
        return LoadedModel(book, replay(book))


def open_in_office(kind: type[M], package: Package, *, trust_engine: bool, **how: bool) -> M:
    """The workbook with LibreOffice's values."""
    book = OfficeBook(package)
    return kind(book, replay_in_office(book, trust_engine), **how)
