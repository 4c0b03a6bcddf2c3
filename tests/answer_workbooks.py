"""Small workbooks with Excel's answers: how one is written as a file."""

import json
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from roi_xl.errors import EXCEL_ERRORS
from roi_xl.xlsx.addresses import parse_range

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
ANSWERS = Path(__file__).parent / "excel" / "answers.jsonl"


def records():
    """Every workbook of the file."""
    return [json.loads(line) for line in ANSWERS.read_text("utf-8").splitlines()]


def value_of(plain):
    """A value as the file of answers has it, as a cell value."""
    if isinstance(plain, str):
        return EXCEL_ERRORS.get(plain, plain)
    return float(plain) if isinstance(plain, int) and not isinstance(plain, bool) else plain


def value_xml(value):
    """The type and the value of a cell."""
    if value is None:
        return "", ""
    if isinstance(value, bool):
        return ' t="b"', f"<v>{int(value)}</v>"
    if isinstance(value, str):
        return (' t="e"' if value in EXCEL_ERRORS else ' t="str"'), f"<v>{escape(value)}</v>"
    return "", f"<v>{value!r}</v>"


def cell_xml(address, content, stored):
    """A cell that holds a value, or a formula with its stored value."""
    if not isinstance(content, dict):
        kind, value = value_xml(content)
        return f'<c r="{address}"{kind}>{value}</c>'
    kind, value = value_xml(content["value"]) if stored else ("", "")
    formula = f"<f{content.get('f_attributes', '')}>{escape(content['formula'] or '')}</f>"
    return f'<c r="{address}"{content.get("c_attributes", "")}{kind}>{formula}{value}</c>'


def sheet_xml(cells, stored):
    """A sheet of cells, row by row."""
    rows = {}
    for address, content in cells.items():
        top, left, *_ = parse_range(address)
        rows.setdefault(top, {})[left] = cell_xml(address, content, stored)
    body = "".join(
        f'<row r="{row}">{"".join(line[column] for column in sorted(line))}</row>' for row, line in sorted(rows.items())
    )
    return f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'


def write(record, path, stored):
    """Write the workbook of a record, with its stored values or without any."""
    asked = {}
    for one in record["formulas"]:
        formula = one["formula"] if isinstance(one["formula"], dict) else {"formula": one["formula"]}
        asked[one["cell"]] = {**formula, "value": one["value"]}
    sheets = {"S": {**record["cells"], **asked}, **record["sheets"]}
    options = record.get("options", {})
    listed = "".join(f'<sheet name={quoteattr(n)} sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(sheets, 1))
    names = f"<definedNames>{record['names']}</definedNames>" if record["names"] else ""
    relation = '<Relationship Id="r{0}" Type="{1}/worksheet" Target="worksheets/sheet{0}.xml"/>'
    part = f'<Override PartName="/xl/worksheets/sheet{{}}.xml" ContentType="{TYPES}.worksheet+xml"/>'
    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
        f'"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
        f'ContentType="{TYPES}.sheet.main+xml"/>{"".join(map(part.format, numbers))}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{options.get("wbpr", "")}'
        f"<sheets>{listed}</sheets>{names}{options.get('calcpr', '')}</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f"{''.join(relation.format(i, OFFICE) for i in numbers)}</Relationships>",
        **{f"xl/worksheets/sheet{i}.xml": sheet_xml(cells, stored) for i, cells in enumerate(sheets.values(), 1)},
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path
