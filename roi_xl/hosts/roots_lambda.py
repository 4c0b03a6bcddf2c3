"""How does a formula find the one positive root of a polynomial, and know that it is the only one?

As `functions.roots` does: between two neighboring roots lies one of a derivative which has a change
of sign less, so the roots are found from the inside out. Here the places are logarithms of the root,
and all brackets of a level are halved at once.
"""

from collections.abc import Callable

from roi_xl import symbols
from roi_xl.functions.branch import choose
from roi_xl.hosts.written import excel, let, of_each
from roi_xl.symbols import NUM_ERROR, Symbol, call

FARTHEST = 25
"""The logarithm of the largest monthly factor: beyond it a yearly rate is -1, or has 130 digits."""

HALVINGS, BEYOND = 60, 9_999
FIRST, FINAL, MIDDLES, CHANGES = (symbols.name(f"_xlpm.{name}1") for name in ("first", "final", "middle", "changes"))
EDGES, LEVEL, DERIVED, ENDS, STEP = (
    symbols.name(f"_xlpm.{name}1") for name in ("edges", "level", "derived", "ends", "step")
)
LOW, HALF, SIGNS, LIVE = (symbols.name(f"_xlpm.{name}1") for name in ("lower", "half", "signs", "live"))
NOTHING = symbols.name("")
SIGN_AT, GROWTH, SAME, ROOTS = (symbols.name(f"_xlpm.{name}1") for name in ("signAt", "growth", "same", "roots"))
BEFORE, NEXT, FOUND = (symbols.name(f"_xlpm.{name}1") for name in ("from", "next", "found"))


def only_root(coefficients: Symbol, powers: Symbol, shown: Callable[[Symbol], Symbol]) -> Symbol:
    """What is shown of the logarithm of the only positive root; #NUM! where there is none, or more than one."""
    bindings = {
        FIRST: call("MIN", choose(Symbol("<>", (coefficients, symbols.lift(0))), powers, BEYOND)),
        FINAL: call("MAX", choose(Symbol("<>", (coefficients, symbols.lift(0))), powers, 0)),
        MIDDLES: middles(coefficients, powers),
        CHANGES: call("SUM", choose(MIDDLES < BEYOND, 1, 0)),
    }
    levels = excel("SEQUENCE", CHANGES, 1, CHANGES - 1, -1)
    step = of_each(one_level(coefficients, powers), EDGES, LEVEL)
    found = excel("REDUCE", excel("HSTACK", -FARTHEST, FARTHEST), levels, step)
    answer = choose(Symbol("=", (call("INDEX", FOUND, 1), symbols.lift(1))), shown(call("INDEX", FOUND, 2)), NUM_ERROR)
    return let(bindings, choose(CHANGES > 0, let({FOUND: found}, answer), NUM_ERROR))


def middles(coefficients: Symbol, powers: Symbol) -> Symbol:
    """The place of each change of sign, just before the power where the new sign stands; elsewhere one beyond all."""
    kept = choose(Symbol("=", (NEXT, symbols.lift(0))), BEFORE, call("SIGN", NEXT))
    signs = excel("SCAN", 0, coefficients, of_each(kept, BEFORE, NEXT))
    shifted = excel("DROP", excel("VSTACK", 0, SIGNS), -1)
    return let({SIGNS: signs}, choose(SIGNS * shifted < 0, powers - 0.5, BEYOND))


def one_level(coefficients: Symbol, powers: Symbol) -> Symbol:
    """The edges between which the next level looks; at level 0 how many roots there are, and one of them."""
    factor = (powers - call("SMALL", MIDDLES, STEP)) / (FINAL + 1)
    derived = excel("REDUCE", coefficients, excel("SEQUENCE", LEVEL), of_each(BEFORE * factor, BEFORE, STEP))
    halved = excel("REDUCE", ENDS, excel("SEQUENCE", HALVINGS), of_each(halving(powers), BEFORE, STEP))
    bindings = {
        DERIVED: choose(LEVEL > 0, derived, coefficients),
        LOW: excel("DROP", EDGES, NOTHING, -1),
        SIGN_AT: sign_at(EDGES, powers),
        SIGNS: excel("DROP", SIGN_AT, NOTHING, -1),
        LIVE: Symbol("<>", (SIGNS, excel("DROP", SIGN_AT, NOTHING, 1))),
        ENDS: excel("VSTACK", LOW, excel("DROP", EDGES, NOTHING, 1)),
        ROOTS: call("INDEX", halved, 1, 0),
    }
    last = excel("HSTACK", call("SUM", choose(LIVE, 1, 0)), call("SUM", choose(LIVE, ROOTS, 0)))
    edges = excel("HSTACK", -FARTHEST, choose(LIVE, ROOTS, LOW), FARTHEST)
    return let(bindings, choose(LEVEL > 0, edges, last))


def halving(powers: Symbol) -> Symbol:
    """All brackets, a lower and an upper end each, halved once: the sign at the lower end stays."""
    low, high = call("INDEX", BEFORE, 1, 0), call("INDEX", BEFORE, 2, 0)
    same = {HALF: (low + high) / 2, SAME: Symbol("=", (sign_at(HALF, powers), SIGNS))}
    return let(same, excel("VSTACK", choose(SAME, HALF, low), choose(SAME, high, HALF)))


def sign_at(places: Symbol, powers: Symbol) -> Symbol:
    """The sign of the polynomial at a row of places; from the end where the powers shrink, so that none overflows."""
    exponents = {GROWTH: (powers - choose(places > 0, FINAL, FIRST)) * places}
    shrinking = call("EXP", choose(GROWTH > 0, 0, GROWTH))
    return let(exponents, call("SIGN", call("MMULT", call("TRANSPOSE", DERIVED), shrinking)))
