"""What does a notebook show of a workbook?"""

from collections.abc import Mapping
from html import escape
from typing import Any

from roi_xl.recalc.wording import formatted

HEAD = "<tr><th>{kind}</th><th>Value</th><th>Cell</th></tr>"
ROW = "<tr><td>{name}</td><td style='text-align: right'>{value}</td><td>{cell}</td></tr>"


def as_html(title: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any], cells: Mapping[str, Any]) -> str:
    """The named inputs and outputs with their values and cells, as an HTML table."""
    rows = [
        line for kind, values in (("Input", inputs), ("Output", outputs)) for line in table_rows(kind, values, cells)
    ]
    return f"<table><caption>{escape(title)}</caption>{''.join(rows)}</table>"


def table_rows(kind: str, values: Mapping[str, Any], cells: Mapping[str, Any]) -> list[str]:
    """A heading and a row for each name; none where there are no names."""
    rows = [
        ROW.format(name=escape(name), value=escape(formatted(name, value)), cell=escape(str(cells[name])))
        for name, value in values.items()
    ]
    return [HEAD.format(kind=kind), *rows] if rows else []
