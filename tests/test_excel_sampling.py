"""Excel's distributions of tests without SciPy, which is an extra."""

import sys

import pytest
from formula_helpers import alike, evaluated

from roi_xl.errors import CannotVectorise


@pytest.mark.parametrize("formula", ["T.DIST(1,5,TRUE)", "CHISQ.INV(0.5,3)", "F.DIST.RT(2,3,4)", "BETA.INV(0.5,2,3)"])
def test_without_scipy_the_engine_is_asked(monkeypatch, formula):
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    with pytest.raises(CannotVectorise, match="SciPy"):
        evaluated(formula)


@pytest.mark.parametrize(
    ("formula", "answer"), [("HYPGEOM.DIST(1,4,8,20,FALSE)", 1760 / 4845), ("T.DIST(0,1,FALSE)", 0.3183098861837907)]
)
def test_what_needs_no_scipy_is_answered_without_it(monkeypatch, formula, answer):
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    assert alike(evaluated(formula), answer)
