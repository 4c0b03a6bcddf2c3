"""The functions as names of a workbook, evaluated by an engine that knows nothing of us."""

import re
import time
from xml.sax.saxutils import escape, unescape

import ironcalc
import pytest
from case_table import CASES, by_function, every_case
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.table import Table
from recalc_helpers import parts, rewrite, rich_workbook

import roi_xl
from roi_xl.catalog import CATALOG
from roi_xl.cli import main
from roi_xl.describe import is_closed_form
from roi_xl.engines import libreoffice
from roi_xl.errors import EXCEL_ERRORS, ExcelError
from roi_xl.formula.lambda_names import NAMED, with_functions
from roi_xl.formula.unlinking import without_links
from roi_xl.hosts.lambdas import guarded_text, lambda_text
from roi_xl.xlsx.addresses import Address, column_letters
from roi_xl.xlsx.package import read_package, save_package

RESULTS = 2 + max(len(case.arguments) for case in CASES)
OF_EVERY_VERSION = set(
    "IF EXP NA TRUE ISBLANK SUM MIN MAX INT SIGN SMALL INDEX ROWS COLUMNS MMULT TRANSPOSE VALUE".split()
)
OF_365 = set("LAMBDA LET ISOMITTED SEQUENCE SCAN REDUCE MAP HSTACK VSTACK DROP".split())
A_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+|[rRcC][0-9]*")
UNKNOWN_TO_IRONCALC = {ExcelError.GETTING_DATA, ExcelError.NULL}


def own_words(case):
    """Cases that IronCalc decides in its own way: it lacks some errors, and takes no percentage as a number in text."""
    unknown = UNKNOWN_TO_IRONCALC & {*case.arguments, case.expected}
    return bool(unknown) or any(isinstance(argument, str) and "%" in argument for argument in case.arguments)


@pytest.fixture(scope="module")
def workbook(tmp_path_factory):
    book = Workbook()
    for row, case in enumerate(CASES, start=1):
        for column, argument in enumerate(case.arguments, start=1):
            cell = book.active.cell(row, column)
            cell.value = '=""' if argument == "" else str(argument) if isinstance(argument, ExcelError) else argument
            if isinstance(argument, str) and argument:
                cell.data_type = "s"
        given = ",".join(f"{column_letters(column)}{row}" for column in range(1, len(case.arguments) + 1))
        book.active.cell(row, RESULTS).value = f"={case.function}({given})"
    path = tmp_path_factory.mktemp("names") / "cases.xlsx"
    book.save(path)
    save_package(with_functions(read_package(path)), path, {})
    return path


@pytest.fixture(scope="module")
def elsewhere(workbook):
    """The workbook in IronCalc, evaluated."""
    model = ironcalc.load_from_xlsx(str(workbook), "en", "UTC", "en")
    model.evaluate()
    return model


@by_function(case for case in CASES if case.function in NAMED and not own_words(case))
def test_every_case_through_the_names(check, elsewhere, cases):
    def shown(case):
        value = elsewhere.get_cell_value(0, case.number + 1, RESULTS)
        return EXCEL_ERRORS.get(value, value) if isinstance(value, str) else value

    check(cases, shown)


@pytest.fixture(scope="module")
def headless(workbook):
    """The same workbook in our own recalculation."""
    return roi_xl.open_model(workbook)


@every_case
def test_a_workbook_with_the_names_gives_the_same_headless(check, headless, cases):
    check(cases, lambda case: headless.value(Address("Sheet", case.number + 1, RESULTS)))


def test_optional_arguments_may_be_left_out(tmp_path):
    book = Workbook()
    book.active["A1"] = "=ROI_MONTHLY_REQUESTS(2500,2)"
    book.active["A2"] = "=ROI_MONTHLY_REQUESTS(2500,2,20)"
    book.active["A3"] = "=ROI_COST_PER_REQUEST(4000,1000,2.5,10)"
    book.active["A4"] = "=ROI_COST_PER_REQUEST(4000,1000,2.5,10,0.5,1.25)"
    book.active["A5"] = "=ROI_COST_PER_REQUEST(4000,1000,2.5,10,,,0.5)"
    book.active["A6"] = "=ROI_MONTHLY_REQUESTS(2500,2,32)"
    book.save(tmp_path / "m.xlsx")
    save_package(with_functions(read_package(tmp_path / "m.xlsx")), tmp_path / "m.xlsx", {})
    model = ironcalc.load_from_xlsx(str(tmp_path / "m.xlsx"), "en", "UTC", "en")
    model.evaluate()
    shown = [model.get_cell_value(0, row, 1) for row in range(1, 7)]
    assert shown[:5] == [150_000, 100_000, pytest.approx(0.02), pytest.approx(0.0175), pytest.approx(0.04)]
    assert shown[5] == "#NUM!"


def test_names_are_stored_as_excel_stores_them(workbook):
    names = dict(re.findall(r'<definedName name="(\w+)" comment="[^"<]+">([^<]+)</definedName>', text_of(workbook)))
    assert set(names) == set(NAMED)
    for text in names.values():
        assert text.startswith("_xlfn.LAMBDA(_xlpm.")
        bare = re.sub(r"_xlfn\.\w+|_xlpm\.\w+|_xlop\.\w+|&[lg]t;|&quot;.*?&quot;|\"[^\"]*\"", "", text)
        assert set(re.findall(r"[A-Z_a-z]+", bare)) <= OF_EVERY_VERSION
        assert set(re.findall(r"_xlfn\.(\w+)", text)) <= OF_365
        assert not [name for name in re.findall(r"_xl[po][mp]\.(\w+)", text) if A_CELL.fullmatch(name)]
        assert set(re.findall(r"_xlop\.(\w+)", text)) == set(re.findall(r"ISOMITTED\(_xlpm\.(\w+)\)", text))
        assert len(unescape(text)) < 8_192


def test_comments_are_short_enough_for_excel(workbook):
    assert all(len(comment) <= 255 for comment in re.findall(r'comment="([^"]*)"', text_of(workbook)))


def text_of(path):
    return parts(path)["xl/workbook.xml"].decode()


def test_everything_else_in_the_file_stays(tmp_path):
    path = tmp_path / "rich.xlsx"
    rich_workbook(path)
    before = parts(path)
    assert main(["add-functions", str(path), "--in-place"]) == 0
    after = parts(path)
    calls = "xl/worksheets/sheet2.xml"
    changed = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml", calls}
    assert {name for name in before if before[name] != after[name]} == changed
    assert re.sub(rb' cm="1"| t="array" ref="\w+"', b"", after[calls]) == before[calls]
    assert set(after) - set(before) == {"xl/metadata.xml"}
    assert set(load_workbook(path).defined_names) == {"volume", "revenue", *NAMED}
    once = path.read_bytes()
    assert main(["add-functions", str(path), "--in-place"]) == 0
    assert path.read_bytes() == once


@pytest.mark.parametrize("end", [b"</sheets>", b"</externalReferences>"])
def test_a_workbook_without_names_gets_a_list_in_its_place(tmp_path, end):
    path = tmp_path / "m.xlsx"
    Workbook().save(path)
    without = rb"<definedNames ?/>|<definedNames>.*?</definedNames>"
    links = b"<externalReferences></externalReferences>" if b"external" in end else b""
    rewrite(
        path,
        lambda p: {
            **p,
            "xl/workbook.xml": re.sub(without, b"", p["xl/workbook.xml"]).replace(b"</sheets>", b"</sheets>" + links),
        },
    )
    assert main(["add-functions", str(path), "-o", str(tmp_path / "n.xlsx")]) == 0
    assert end + b"<definedNames><definedName" in parts(tmp_path / "n.xlsx")["xl/workbook.xml"]


LAMBDA_OF_THE_USERS = "_xlfn.LAMBDA(_xlpm.x,_xlpm.x*2)"
OWN_NAMES = {
    "a cell": '<definedName name="ROI_PERCENT">Sheet!$A$1</definedName>',
    "small letters": "<definedName name='roi_verdict'>Sheet!$A$1</definedName>",
    "one sheet's": '<definedName localSheetId="0" name="Roi_Percent">Sheet!$A$1</definedName>',
    "one sheet's LAMBDA": '<definedName name="ROI_NET_BENEFIT" localSheetId="0">{ours}</definedName>',
    "a LAMBDA of the user's": f'<definedName name="ROI_PERCENT">{LAMBDA_OF_THE_USERS}</definedName>',
    "a letter as its number": '<definedName name="&#82;OI_PERCENT">Sheet!$A$1</definedName>',
    "an unusual attribute": '<definedName comment="a > b" name="ROI_PERCENT">Sheet!$A$1</definedName>',
    "hidden": '<definedName name="ROI_PERCENT" hidden="1">Sheet!$A$1</definedName>',
}


def with_name(path, element, calc=""):
    """A workbook with a defined name, and with settings of calculation if they are given."""
    Workbook().save(path)

    def change(contents):
        text = re.sub(r"<definedNames ?/>|<definedNames>.*?</definedNames>|<calcPr[^>]*/>", "", xml(contents))
        added = f"</sheets><definedNames>{element}</definedNames>{calc}"
        return {**contents, "xl/workbook.xml": text.replace("</sheets>", added).encode()}

    rewrite(path, change)
    return path


def xml(contents):
    return contents["xl/workbook.xml"].decode()


@pytest.mark.parametrize("element", OWN_NAMES.values(), ids=OWN_NAMES)
def test_a_name_of_the_users_own_is_refused_and_the_file_stays(tmp_path, capsys, element):
    ours = escape(lambda_text(CATALOG["ROI_NET_BENEFIT"]))
    path = with_name(tmp_path / "m.xlsx", element.format(ours=ours) if "{ours}" in element else element)
    before = path.read_bytes()
    assert main(["add-functions", str(path), "--in-place"]) == 2
    message = capsys.readouterr().err
    assert re.search(r"already has a name roi_\w+", message, re.IGNORECASE)
    assert message.count("\n") == 1
    assert path.read_bytes() == before


def test_a_table_that_is_called_like_a_function_is_refused(tmp_path, capsys):
    book = Workbook()
    book.active.append(["a"])
    book.active.append([1])
    book.active.add_table(Table(displayName="roi_verdict", ref="A1:A2"))
    book.save(tmp_path / "m.xlsx")
    assert main(["add-functions", str(tmp_path / "m.xlsx"), "--in-place"]) == 2
    assert "already has a table roi_verdict" in capsys.readouterr().err


def test_our_own_lambda_in_another_case_is_replaced(tmp_path):
    ours = escape(lambda_text(CATALOG["ROI_VERDICT"]))
    path = with_name(tmp_path / "m.xlsx", f'<definedName name="roi_verdict">{ours}</definedName>')
    assert main(["add-functions", str(path), "--in-place"]) == 0
    names = re.findall(r'<definedName name="(\w+)"', text_of(path))
    assert sorted(names) == sorted(NAMED)


@pytest.mark.parametrize("calc", ["", '<calcPr calcId="191029"/>', "<calcPr fullCalcOnLoad='0' iterate=\"1\"/>"])
def test_excel_is_asked_to_calculate_when_it_opens_the_file(tmp_path, calc):
    path = with_name(tmp_path / "m.xlsx", '<definedName name="mine">Sheet!$A$1</definedName>', calc)
    assert main(["add-functions", str(path), "--in-place"]) == 0
    assert re.findall("<calcPr.*?>", text_of(path)) == [
        calc.replace(" fullCalcOnLoad='0'", "").replace("<calcPr", '<calcPr fullCalcOnLoad="1"')
        or '<calcPr fullCalcOnLoad="1"/>'
    ]
    assert '</definedNames><calcPr fullCalcOnLoad="1"' in text_of(path)


LINKED = {
    "[1]!ROI_PERCENT(A1,2)": "ROI_PERCENT(A1,2)",
    "1+[12]!roi_percent([1]!ROI_INVESTMENT(1,2,3))": "1+roi_percent(ROI_INVESTMENT(1,2,3))",
    r"'C:\Users\a b\roi_xl.xlam'!ROI_VERDICT(1)": "ROI_VERDICT(1)",
    r"'C:\O''Neil &amp; Co\roi_xl.XLAM'!ROI_VERDICT(1)": "ROI_VERDICT(1)",
    "roi_xl.xlam!ROI_NPV(1)": "ROI_NPV(1)",
    "[1]!OTHER(1)": "[1]!OTHER(1)",
    "[1]!ROI_OF_MINE(1)": "[1]!ROI_OF_MINE(1)",
    "[1]Sheet1!A1": "[1]Sheet1!A1",
    '"[1]!ROI_PERCENT("&amp;A1': '"[1]!ROI_PERCENT("&amp;A1',
    "&quot;a\n[1]!ROI_PERCENT(&quot;&amp;A1": "&quot;a\n[1]!ROI_PERCENT(&quot;&amp;A1",
    "'it''s'!A1+'C:\\x.xlsx'!ROI_PERCENT(1)": "'it''s'!A1+'C:\\x.xlsx'!ROI_PERCENT(1)",
}


@pytest.mark.parametrize(("stored", "bare"), LINKED.items())
def test_calls_that_point_to_an_add_in_are_unlinked(tmp_path, stored, bare):
    path = tmp_path / "m.xlsx"
    book = Workbook()
    book.active["A1"] = "=MARK"
    book.save(path)
    rewrite(path, lambda p: {k: v.replace(b"<f>MARK<", f"<f>{stored}<".encode()) for k, v in p.items()})
    assert main(["unlink", str(path), "-o", str(tmp_path / "n.xlsx")]) == 0
    assert f"<f>{bare}</f>" in parts(tmp_path / "n.xlsx")["xl/worksheets/sheet1.xml"].decode()
    assert main(["add-functions", str(path), "--in-place"]) == 0
    assert re.search(f"<f[^>]*>{re.escape(bare)}</f>", parts(path)["xl/worksheets/sheet1.xml"].decode())


HOSTILE = [
    "'" * 200_000,
    "a" * 200_000,
    "a." * 100_000,
    '"' * 200_001,
    "&quot;" * 50_001,
    "'a''b" * 50_000,
    "[1" * 90_000,
]


@pytest.mark.parametrize("formula", HOSTILE, ids=lambda formula: formula[:8])
def test_hostile_formulas_are_read_in_time(formula):
    started = time.perf_counter()
    part = f"<f>{formula}</f>".encode()
    assert without_links(part) == (part, [])
    assert time.perf_counter() - started < 5


def test_the_command_wants_a_target(tmp_path, capsys):
    assert main(["add-functions", "m.xlsx"]) == 2
    assert main(["add-functions", "m.xlsx", "-o", "n.xlsx", "--in-place"]) == 2
    assert capsys.readouterr().err.count("give either -o or --in-place") == 2


@pytest.mark.slow
def test_the_template_brings_the_functions_along(tmp_path):
    roi_xl.build_template(tmp_path / "case.xlsx", formulas="lambda")
    model = ironcalc.load_from_xlsx(str(tmp_path / "case.xlsx"), "en", "UTC", "en")
    model.evaluate()
    ours = roi_xl.open_model(tmp_path / "case.xlsx")
    sheets = [sheet["name"] for sheet in model.get_worksheets_properties()]
    for name in ("net_benefit", "return_on_investment", "breakeven_months", "verdict"):
        place = ours.find(name)
        got = model.get_cell_value(sheets.index(place.sheet), place.row, place.column)
        assert got == (ours.value(place) if name == "verdict" else pytest.approx(ours.value(place)))


@pytest.fixture(scope="module")
def in_calc(soffice, workbook, tmp_path_factory):
    """What LibreOffice makes of the plain expression of every case."""
    folder = tmp_path_factory.mktemp("plain")
    book = load_workbook(workbook)
    for row, case in enumerate(CASES, start=1):
        names = [f"{column_letters(column)}{row}" for column in range(1, len(case.arguments) + 1)]
        if is_closed_form(CATALOG[case.function]):
            book.active.cell(row, RESULTS).value = "=" + guarded_text(CATALOG[case.function], names)
    book.save(folder / "cases.xlsx")
    return libreoffice.read_values(
        read_package(libreoffice.convert(folder / "cases.xlsx", "xlsx", folder, recalculate=True))
    )


PLAIN_NUMBERS = [
    case
    for case in CASES
    if is_closed_form(CATALOG[case.function])
    and not own_words(case)
    and not any(isinstance(argument, ExcelError | str) for argument in case.arguments)
]
"""Cases of numbers and blanks: Calc reads text as numbers by a setting of the user's, and names errors otherwise."""


@by_function(PLAIN_NUMBERS)
def test_every_plain_expression_in_calc(check, in_calc, cases):
    check(cases, lambda case: in_calc["Sheet"][case.number + 1, RESULTS])
