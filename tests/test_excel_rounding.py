"""How Excel rounds to multiples, from its documentation and from workbooks that it saved."""

import pytest

from roi_xl.errors import ExcelError
from roi_xl.excel.plain_finance import ANSWERS, answer

NUM, DIV0 = ExcelError.NUM, ExcelError.DIV0

CASES = [
    ("CEILING", (2.5, 1), 3),
    ("CEILING", (-2.5, -2), -4),
    ("CEILING", (-2.5, 2), -2),
    ("CEILING", (1.5, 0.1), 1.5),
    ("CEILING", (0.234, 0.01), 0.24),
    ("CEILING", (2.5, -2), NUM),
    ("CEILING", (5, 0), 0),
    ("CEILING", (0, 0), 0),
    ("FLOOR", (3.7, 2), 2),
    ("FLOOR", (-2.5, -2), -2),
    ("FLOOR", (-2.5, 2), -4),
    ("FLOOR", (2.5, -2), NUM),
    ("FLOOR", (1.58, 0.1), 1.5),
    ("FLOOR", (0.234, 0.01), 0.23),
    ("FLOOR", (0.3, 0.1), 0.3),
    ("FLOOR", (5, 0), DIV0),
    ("FLOOR", (0, 0), 0),
    ("CEILING.MATH", (24.3, 5), 25),
    ("CEILING.MATH", (6.7,), 7),
    ("CEILING.MATH", (-8.1, 2), -8),
    ("CEILING.MATH", (-5.5, 2, -1), -6),
    ("CEILING.MATH", (5, 0), 0),
    ("FLOOR.MATH", (24.3, 5), 20),
    ("FLOOR.MATH", (6.7,), 6),
    ("FLOOR.MATH", (-8.1, 2), -10),
    ("FLOOR.MATH", (-5.5, 2, -1), -4),
    ("CEILING.PRECISE", (4.3,), 5),
    ("CEILING.PRECISE", (-4.3,), -4),
    ("CEILING.PRECISE", (4.3, -2), 6),
    ("ISO.CEILING", (-4.3, 2), -4),
    ("FLOOR.PRECISE", (-3.2, -1), -4),
    ("FLOOR.PRECISE", (3.2, -1), 3),
    ("FLOOR.PRECISE", (3.2, 0), 0),
]


@pytest.mark.parametrize(("function", "arguments", "expected"), CASES)
def test_multiples_as_in_excel(function, arguments, expected):
    got = answer(ANSWERS[function], arguments)
    assert got is expected if isinstance(expected, ExcelError) else got == pytest.approx(expected, abs=1e-12)
