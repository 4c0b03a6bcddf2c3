"""What does Excel-DNA's IntelliSense show while a call is typed into a cell?

It is an add-in of its own (https://github.com/Excel-DNA/IntelliSense), which a user may have. It reads
a custom XML part of an add-in's file, or a file NAME.intellisense.xml beside a workbook NAME.
"""

from xml.sax.saxutils import quoteattr

from roi_xl.catalog import CATALOG
from roi_xl.describe import Formula, summary, takes
from roi_xl.hosts.excel import argument_help
from roi_xl.xlsx.package import CONTENT_TYPES, before_end

FILE_NAME = "roi_xl.intellisense.xml"
NAMESPACE = "http://schemas.excel-dna.net/intellisense/1.0"
PART, PROPERTIES, RELATION = "customXml/item1.xml", "customXml/itemProps1.xml", "customXml/_rels/item1.xml.rels"
RELATIONS = "xl/_rels/workbook.xml.rels"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
ITEM = (
    f'{HEAD}<ds:datastoreItem ds:itemID="{{6F3B9A52-0C1D-4E7B-9B57-52A1F0C7D3E4}}" xmlns:ds="{OFFICE}/customXml">'
    f'<ds:schemaRefs><ds:schemaRef ds:uri="{NAMESPACE}"/></ds:schemaRefs></ds:datastoreItem>'
)
LINK = (
    f'{HEAD}<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
    f'Type="{OFFICE}/relationships/customXmlProps" Target="itemProps1.xml"/></Relationships>'
)
CONTENT = (
    f'<Override PartName="/{PROPERTIES}" '
    'ContentType="application/vnd.openxmlformats-officedocument.customXmlProperties+xml"/>'
)
FROM_WORKBOOK = f'<Relationship Id="rIdRoiHelp" Type="{OFFICE}/relationships/customXml" Target="../{PART}"/>'


def help_text() -> str:
    """Every function with its arguments, as IntelliSense reads it."""
    functions = "".join(function(name, formula) for name, formula in CATALOG.items())
    return f'{HEAD}<IntelliSense xmlns="{NAMESPACE}"><FunctionInfo>\n{functions}</FunctionInfo></IntelliSense>\n'


def function(name: str, formula: Formula) -> str:
    """One function: an argument in brackets may be left out."""
    arguments = "".join(
        f"<Argument Name={quoteattr(f'[{taken.quantity.name}]' if taken.optional else taken.quantity.name)} "
        f"Description={quoteattr(argument_help(taken))}/>"
        for taken in takes(formula)
    )
    return f"<Function Name={quoteattr(name)} Description={quoteattr(summary(formula))}>{arguments}</Function>\n"


def with_help(parts: dict[str, bytes]) -> dict[str, bytes]:
    """The parts of an add-in with the help among them; beside a file in Excel's start-up folder it would be opened."""
    added = {PART: help_text(), PROPERTIES: ITEM, RELATION: LINK}
    return {
        **parts,
        CONTENT_TYPES: before_end(parts[CONTENT_TYPES], b"Types", CONTENT.encode()),
        RELATIONS: before_end(parts[RELATIONS], b"Relationships", FROM_WORKBOOK.encode()),
        **{name: text.encode() for name, text in added.items()},
    }
