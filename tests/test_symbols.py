"""Formulas that write themselves."""

import pytest

from roi_xl import symbols
from roi_xl.catalog import CATALOG
from roi_xl.describe import is_closed_form, takes
from roi_xl.hosts.lambdas import guarded_text
from roi_xl.quantities import CACHED_SHARE, NET_BENEFIT, RETRY_RATE, TRAINING_COST
from roi_xl.symbols import Symbol, call, lift, name

a, b, c = name("a"), name("b"), name("c")

EXPRESSIONS = [
    (a + b + c, "a+b+c"),
    (a + (b + c), "a+(b+c)"),
    (a - (b - c), "a-(b-c)"),
    ((a - b) * c, "(a-b)*c"),
    (a - b * c, "a-b*c"),
    (a / (b * c), "a/(b*c)"),
    (a * b / c, "a*b/c"),
    (1 - a, "1-a"),
    (2 * a, "2*a"),
    (1 / a, "1/a"),
    (1 + a, "1+a"),
    (a * -1, "a*(-1)"),
    (a > -0.005, "a>-0.005"),
    ((a > b) + (a <= c), "(a>b)+(a<=c)"),
    (a < b, "a<b"),
    (a >= 1_000_000, "a>=1000000"),
    (a * 1e-7, "a*1E-07"),
    (a * 1e300, "a*1E+300"),
    (call("IF", a > 0, b / a, float("inf")), "IF(a>0,b/a,NA())"),
    (lift(float("nan")), "1/0"),
    (lift('say "hi"'), '"say ""hi"""'),
]


@pytest.mark.parametrize(("expression", "text"), EXPRESSIONS)
def test_written_with_no_needless_parentheses(expression, text):
    assert str(expression) == text


def test_known_parts_become_references():
    saving = a - b
    assert str((saving * c - saving).replace({saving: name("saving")})) == "saving*c-saving"


def test_a_symbol_cannot_be_branched_on_by_python():
    with pytest.raises(TypeError, match="choose"):
        bool(a > b)


def test_bounds_become_conditions():
    assert [str(condition) for condition in symbols.outside(a, TRAINING_COST)] == ["a+0<0"]
    assert [str(condition) for condition in symbols.outside(a, CACHED_SHARE)] == ["a+0<0", "a+0>1"]
    assert [str(condition) for condition in symbols.outside(a, RETRY_RATE)] == ["a+0<0", "a+0>=1"]
    assert str(symbols.guarded(b, {TRAINING_COST: a})) == "IF(a+0<0,EXP(999),b)"
    assert symbols.guarded(b, {NET_BENEFIT: a}) == b


@pytest.mark.parametrize("name", [name for name, formula in CATALOG.items() if is_closed_form(formula)])
def test_every_closed_form_writes_itself(name):
    formula = CATALOG[name]
    letters = "abcdefghij"[: len(takes(formula))]
    text = guarded_text(formula, letters)
    assert text.startswith("IF(")
    assert all(f"{letter}+0<0" in text or f"ISBLANK({letter})" in text for letter in letters)
    assert "EXP(999)" in text


def test_written_formulas():
    assert guarded_text(CATALOG["ROI_BREAKEVEN_REQUESTS"], "abc").endswith(",IF(b-c>0,a/(b-c),NA()))")
    assert guarded_text(CATALOG["ROI_PERCENT"], "abcdef").endswith(",(((c-d)*e-b)*f-a)/(a+b*f))")
    assert isinstance(lift(a), Symbol)
