"""No pattern takes more than linear time, whatever text it meets."""

import importlib
import pkgutil
import re
import time
from pathlib import Path

import pytest

import roi_xl
from roi_xl.xlsx.sheet_cells import grammar

SIZE = 20_000
MOST = 0.15
"""Seconds for a text of that size: linear patterns take milliseconds; a quadratic one, seconds at this size already."""

METHODS = "fullmatch|match|search|finditer|findall|sub|split"
GOING_THROUGH = {"search", "finditer", "findall", "sub", "split"}
BAITS = """
a A 1 ' '' 'a " "" "a ( [ [a] ] A1 A1: $A$1 $ ! a! 'a'! _ _x _xlfn. < <c <f> </c> &# &lt; &apos; &quot; . a. 1. 1e - % #
#REF! , { * = "a"& : /
A1, SUM( 1/ <tab> ? ~ \\ $1, _xD83D_
<row <v>1 <c_r="A1" <c_r="A1"_ <c_r="A1"><f> <f_t="array"_
<definedName_ <dataValidation_ _r=" a="b"_ [0] yyyy R[1]C[1]
12:30 1-1-

""".split()


def patterns():
    """Every pattern of the package, with the ways in which it is used."""
    texts = {path: path.read_text() for path in Path(roi_xl.__file__).parent.rglob("*.py")}
    for found in pkgutil.walk_packages(roi_xl.__path__, "roi_xl."):
        if found.name.endswith(("hosts.calc", "__main__", "udfs")):
            continue
        module = importlib.import_module(found.name)
        for name, pattern in vars(module).items():
            if isinstance(pattern, re.Pattern):
                imported = re.compile(rf"from {found.name} import (?:\([^)]*|[^\n(]*)\b{name}\b")
                users = [
                    text
                    for path, text in texts.items()
                    if path == Path(module.__file__) or (name in text and imported.search(text))
                ]
                uses = set(re.findall(rf"\b{name}\.({METHODS})\b", " ".join(users))) or {"match"}
                yield pytest.param(pattern, uses, id=f"{found.name}.{name}")
    for name, pattern in vars(grammar(b"x:")).items():
        if isinstance(pattern, re.Pattern):
            yield pytest.param(pattern, {"finditer", "match"}, id=f"grammar.{name}")


def use(pattern, uses, text):
    if uses & GOING_THROUGH:
        for _ in pattern.finditer(text):
            pass
    for name in uses - GOING_THROUGH:
        getattr(pattern, name)(text)


@pytest.mark.parametrize(("pattern", "uses"), list(patterns()))
def test_a_pattern_is_linear(pattern, uses):
    for bait in BAITS:
        bait = bait.replace("<tab>", "\t").replace("_", " ") if "=" in bait or bait[0] == "<" else bait
        for end in ("", "\x00"):
            text = bait * (SIZE // len(bait)) + end
            start = time.process_time()
            use(pattern, uses, text.encode() if isinstance(pattern.pattern, bytes) else text)
            assert time.process_time() - start < MOST, (bait, end)


def test_a_pattern_that_is_quadratic_would_be_found():
    with pytest.raises(AssertionError):
        test_a_pattern_is_linear(re.compile(r"\s+x"), {"search"})
