"""Hostile and unlucky files: an answer or one clear line, never a traceback, never a changed source."""

import os
import warnings
import zipfile
from io import BytesIO

import pytest
from chances import chance_of, noted
from recalc_helpers import parts, rich_workbook

import roi_xl

pytestmark = pytest.mark.slow

ROUNDS = int(os.environ.get("ROI_XL_FUZZ", "1000"))
BATCHES = 20
TOKENS = [
    b"<", b">", b"&", b'"', b"/>", b"</c>", b"<c>", b"<f>", b"</f>", b"<v>", b"]]>", b"<!--", b"<![CDATA[", b"\x00",
    b"&#0;", b"\xff\xfe", b' r="XFD1048577"', b' r="A0"', b' t="s"', b' t="array" ref="A1:XFD1048576"',
    b' t="shared" si="9"',
    b"1e999", b"NaN", b"-", b"=A1", b"A1:A", b"(((((", b"SUM(", b"#REF!", b"'", b"!", b"{1,2;3}", b"LET(a,a,a)",
]  # fmt: skip


def mutated_file(data, chance):
    """The bytes of a file with some changed, cut out, doubled or cut off."""
    data = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(data))
        kind = chance.random()
        if kind < 0.6:
            data[place] = chance.randrange(256)
        elif kind < 0.8:
            del data[place : place + chance.randint(1, 40)]
        elif kind < 0.95:
            data[place:place] = data[place : place + chance.randint(1, 40)]
        else:
            del data[place:]
            break
        if not data:
            break
    return bytes(data)


def mutated_part(data, chance):
    """The text of a part with some of it replaced by what a parser may trip over."""
    data = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(data) + 1)
        data[place : place + chance.choice((0, 1, 1, 5, 30))] = chance.choice(TOKENS)
    return bytes(data)


def mutated_package(contents, chance):
    """A package with one part changed, lost, or doubled."""
    name = chance.choice([n for n in contents if n.endswith((".xml", ".rels"))])
    buffer = BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")
        for other, data in contents.items():
            kind = chance.random() if other == name else 1
            if kind > 0.05:
                archive.writestr(other, mutated_part(data, chance) if other == name else data)
            if kind > 0.97 and other == name:
                archive.writestr(other, data)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    path = tmp_path_factory.mktemp("fuzz") / "rich.xlsx"
    rich_workbook(path)
    roi_xl.open_model(path).save(path)
    contents = {name: data for name, data in parts(path).items() if not name.endswith((".bin", "theme1.xml"))}
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return buffer.getvalue(), contents


@pytest.mark.parametrize("batch", range(BATCHES))
def test_mutated_workbooks_get_an_answer_or_one_line(seeds, tmp_path, batch):
    data, contents = seeds
    source, target, wrong = tmp_path / "source.xlsx", tmp_path / "target.xlsx", []
    for number in range(ROUNDS // BATCHES):
        chance = chance_of(batch, number)
        hostile = mutated_file(data, chance) if chance.random() < 0.3 else mutated_package(contents, chance)
        source.write_bytes(hostile)
        with noted(wrong, batch, number):
            model = roi_xl.open_model(source)
            model.calculate({"Inputs!B1": 5})
            model.save(target)
        assert source.read_bytes() == hostile
        assert set(os.listdir(tmp_path)) <= {"source.xlsx", "target.xlsx"}
    assert wrong == []
