"""What can be wrong with the parts of a workbook? Real workbooks, bent in ways that a parser has to survive."""

import re
import zipfile
from io import BytesIO

TAG = re.compile(rb"<[A-Za-z][^<>]*>")
ATTRIBUTE = re.compile(rb"""\s([\w:]+)=("[^"<>]*"|'[^'<>]*')""")
TEXT = re.compile(rb">([^<>]+)<")

NUMBERS = b"""
0 -1 -0 1 2 +5 1_0 0x10 1e5 1E+400 1e-400 -1e308 NaN INF -inf 1.5 1,5 4294967295 4294967296 2147483648 65536 16385
1048576 1048577 99999999999999999999 true TRUE
""".split()
NUMBERS += [b"9" * 400, b"9" * 5_000, b"\xd9\xa3", b" 7 ", b"\xc2\xb2", b"", b"1" * 20 + b".5"]
REFERENCES = b"""
A1 A0 XFD1048576 XFE1 A1048577 ZZZZZZ9 A1:A1 B2:A1 A1:XFD1048576 A:A 1:1 A A1:B R1C1 $A$1 a1 Sheet1!A1 [1]Sheet1!A1
#REF! 'x'!A1 A1,B2 A1#
""".split()
REFERENCES += [b"A" * 300 + b"1", b"A" + b"1" * 300]
CHARACTERS = b"""
&#0; &#1; &#x1B;[31m &#xD800; &#xFFFE; &#1114112; &#99999999999; &bad; & _xD83D_ _x0000_ _x001B_[2J [/b] &lt;b&gt; :100:
%s%n{0} ]]&gt; ../../../etc/passwd =cmd() \\
""".split()
CHARACTERS += [b"\x00", b"\x01", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\r\n", b"x" * 40_000]
WORDS = (
    b"s str b e n d inlineStr shared array dataTable date z xml manual auto autoNoTable visible hidden veryHidden "
    b"External Internal rId1 rId2 rId999 list decimal custom between"
).split()
FORMULAS = b"""
SUM( ) A1:A =A1 A1 1/0 {1,2;3} NOSUCH(1) LET(a,a,a) LAMBDA(x,x) Nowhere!A1 [9]S!A1 T[[#This_Row],[a]] SUM(A:XFD)
SUM(1:1048576) INDIRECT(A1) OFFSET(A1,-1,0) INDEX(A:A,0) A1:INDEX(A:A,5) SEQUENCE(1E6,1E6) REPT(&quot;a&quot;,1E9)
#REF! #REF!A1 A1# @A1 SUM((A1,B1)) &quot;open 'open!A1 TRUE ROW() RAND() TODAY() 1E400 2^1E9 FACT(170)^2 IF(,,) IF()
CHOOSE(9,1) DATE(99999,1,1) TEXT(1,&quot;[h]:mm;@;[Red]&quot;) WEBSERVICE(&quot;x&quot;) A0 XFE1 A1048577
_xlfn.NOSUCH(A1) _xlfn._xlws.SORT(A1:A9) SUM(A1:A9*{1;2}) % 5%%
""".split()
FORMULAS += [b"", b" ", b"A1 B1", b"(" * 300, b"(" * 300 + b"1" + b")" * 300, b"-" * 5_000 + b"1", b"1" + b"+1" * 4_000]
TARGETS = b"""
/ . .. workbook.xml /xl/workbook.xml ../xl/workbook.xml worksheets/sheet1.xml worksheets/SHEET1.XML
worksheets\\sheet1.xml worksheets%2Fsheet1.xml http://example.invalid/x.xml file:///etc/passwd
styles.xml sharedStrings.xml #A1 ?x
""".split()
TARGETS += [b"", b"../" * 400 + b"etc/passwd", b"x" * 5_000]
OF_ATTRIBUTES = {
    **dict.fromkeys((b"r", b"ref", b"sqref", b"r1", b"r2"), REFERENCES),
    **dict.fromkeys((b"t", b"state", b"Type", b"TargetMode"), WORDS),
    b"Target": TARGETS,
}
HOSTILE = [NUMBERS, REFERENCES, CHARACTERS, WORDS]
EXTRA = b"""
t="array" ref="A1:C3"; t="shared" si="0"; t="shared" si="99" ref="A1:A5"; t="dataTable" ref="A1:B2" r1="A1"; cm="1"
vm="1"; ca="1"; r="B2"; xml:space="preserve"; xmlns:q="urn:q" q:r="A1"; hidden="1"; s="99999"; date1904="1"
fullPrecision="0"; iterate="1" iterateCount="99999999"; localSheetId="-1"; xmlns="urn:other"
t='s'; t = "s"; spans="1:1"
dt2D="1" dtr="1"; del1="1"; bx="1"
""".replace(b"\n", b";").split(b";")
PUT_IN = b"""
<f>A1+1</f>;<v>5</v>;<v/>;<f/>;<is><t>x</t></is>;<c r="A1"><v>1</v></c>;<row r="1"/>;<!-- f -->;<![CDATA[<f>]]>;<?pi x?>
<x/>;<row><c><f>1</f></c></row>;<mergeCell ref="A1:B2"/>;<sheetData/>;<definedName name="A1">5</definedName>;<si/>
<definedName name="n">Sheet1!$A$1</definedName>;<c><v>1</v></c>;<sheet name="S" sheetId="1" r:id="rId1"/>
<v>1</v><f>2</f>
""".replace(b"\n", b";").split(b";")
PUT_IN += [b"<x>" * 3_000, b"<x>" * 3_000 + b"</x>" * 3_000]
WHOLE = [
    lambda data: b"",
    lambda data: b"\x00" * 100,
    lambda data: data[: len(data) // 2],
    lambda data: b"\xef\xbb\xbf" + data,
    lambda data: data.decode("utf-8", "replace").encode("utf-16"),
    lambda data: data.replace(b"UTF-8", b"ISO-8859-1").replace(b"utf-8", b"cp1252"),
    lambda data: data.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY y "z">]>', 1),
    lambda data: b"\n<!-- first -->" + data,
    lambda data: data + b"<x/>",
    lambda data: data + b"\n<!-- last -->\n",
    lambda data: data.replace(b"'", b"&apos;").replace(b'"', b"'"),
    lambda data: re.sub(rb"<(/?)(\w+)(?=[\s/>])", rb"<\1x:\2", data).replace(b"xmlns=", b"xmlns:x=", 1),
    lambda data: data.replace(b"schemas.openxmlformats.org", b"purl.oclc.org/ooxml"),
    lambda data: data.replace(b"/>", b" />").replace(b"><", b">\r\n<"),
    lambda data: data.replace(b"><", b"> \t<"),
    lambda data: data.upper(),
    lambda data: b"<x/>",
]  # fmt: skip
OFTEN = (
    ("worksheets/sheet",) * 5 + ("xl/workbook.xml",) * 2 + ("sharedStrings", "styles", "table", ".rels", "Types", "")
)


def with_other_quotes(data):
    """Attributes in single quotes."""
    return re.sub(rb'="([^"\'<>]*)"', rb"='\1'", data)


def with_lines(data):
    """Each tag and each attribute on a line of its own."""
    return re.sub(rb'\s([\w:]+=")', rb"\n\t\1", data.replace(b"/>", b" />").replace(b"><", b">\r\n<"))


def with_prefix(data):
    """Elements with a prefix for their namespace."""
    return re.sub(rb"<(/?)(\w+)(?=[\s/>])", rb"<\1x:\2", data).replace(b"xmlns=", b"xmlns:x=", 1)


def with_attributes_turned(data):
    """The attributes of each tag in the opposite order."""

    def turned(match):
        found = list(ATTRIBUTE.finditer(match[0]))
        if not found:
            return match[0]
        start, end = found[0].start(), found[-1].end()
        return match[0][:start] + b"".join(one[0] for one in reversed(found)) + match[0][end:]

    return TAG.sub(turned, data)


def with_closing_tags(data):
    """No empty elements."""
    return re.sub(rb"<([vfc]|row)(\s[^<>]*)?/>", rb"<\1\2></\1>", data)


def with_numbered_characters(data):
    """The first letter of each formula as its number."""
    return re.sub(rb"(<f>)([A-Z])", lambda match: match[1] + b"&#%d;" % match[2][0], data)


SAME_MEANING = [
    with_other_quotes,
    with_lines,
    with_prefix,
    with_attributes_turned,
    with_closing_tags,
    with_numbered_characters,
    lambda data: b"\xef\xbb\xbf" + data,
]
"""Other ways to write the same XML."""


def mutated(contents, chance):
    """A workbook's parts with one to three of them changed; and the names of the parts that were."""
    contents = dict(contents)
    touched = set()
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        name = some_part(contents, chance)
        touched.add(name)
        kind = chance.random()
        if kind < 0.04:
            del contents[name]
        elif kind < 0.08:
            contents[chance.choice((name.upper(), "/" + name, name.replace("/", "\\"), "x/../" + name))] = contents.pop(
                name
            )
        elif kind < 0.10:
            contents[name] = contents[some_part(contents, chance)]
        elif kind < 0.18:
            contents[name] = chance.choice(WHOLE)(contents[name])
        else:
            contents[name] = bent(contents[name], chance)
        if not contents:
            break
    return contents, touched


def some_part(contents, chance):
    """A part, most often one of those that count."""
    names = [name for name in contents if name.endswith((".xml", ".rels"))] or list(contents)
    kind = chance.choice(OFTEN)
    return chance.choice([name for name in names if kind in name and (kind == ".rels" or ".rels" not in name)] or names)


def bent(data, chance):
    """A part with one of its elements changed."""
    tags = list(TAG.finditer(data))
    if not tags:
        return data + chance.choice(PUT_IN)
    tag = chance.choice(rare_or_any(tags, chance))
    start, end = tag.span()
    kind = chance.random()
    if kind < 0.45:
        return data[:start] + with_attribute(tag[0], chance) + data[end:]
    if kind < 0.65:
        return with_text(data, end, chance)
    if kind < 0.75:
        return data[:end] + chance.choice(PUT_IN) + data[end:]
    if kind < 0.80:
        return data[:start] + data[end:]
    stop = element_end(data, tag)
    if kind < 0.90:
        return data[:start] + data[stop:]
    if kind < 0.97:
        return data[:stop] + data[start:stop] * chance.choice((1, 1, 1, 500)) + data[stop:]
    return data[: chance.randrange(start, end)]


def rare_or_any(tags, chance):
    """All tags, or those of one name, so that the rare ones have their turn."""
    if chance.random() < 0.4:
        return tags
    names = sorted({name_of(tag) for tag in tags})
    wanted = chance.choice(names)
    return [tag for tag in tags if name_of(tag) == wanted]


def name_of(tag):
    """The name of a tag."""
    return re.split(rb"[\s/>]", tag[0][1:], maxsplit=1)[0]


def element_end(data, tag):
    """Where the element of a tag ends."""
    if tag[0].endswith(b"/>"):
        return tag.end()
    closing = b"</%b>" % name_of(tag)
    at = data.find(closing, tag.end())
    return tag.end() if at < 0 else at + len(closing)


def with_attribute(tag, chance):
    """A tag with an attribute changed, doubled, lost or added."""
    attributes = list(ATTRIBUTE.finditer(tag))
    kind = chance.random()
    if not attributes or kind < 0.15:
        at = re.match(rb"<[^\s/>]+", tag).end()
        return tag[:at] + b" " + chance.choice(EXTRA).strip() + tag[at:]
    one = chance.choice(attributes)
    if kind < 0.25:
        return tag[: one.start()] + tag[one.end() :]
    if kind < 0.30:
        return tag[: one.end()] + one[0] + tag[one.end() :]
    wanted = OF_ATTRIBUTES.get(one[1])
    values = wanted if wanted and chance.random() < 0.6 else chance.choice(HOSTILE)
    value = chance.choice(values)
    if chance.random() < 0.1:
        value = one[2][1:-1] + value
    return tag[: one.start(2)] + b'"%b"' % value + tag[one.end(2) :]


def with_text(data, start, chance):
    """A part with a text changed, from some place on."""
    found = TEXT.search(data, start - 1) or TEXT.search(data)
    if found is None:
        return data
    formula = data[: found.start(1)].endswith((b"<f>", b"</f>")) or chance.random() < 0.3
    text = chance.choice(FORMULAS if formula else chance.choice(HOSTILE))
    return data[: found.start(1)] + text + data[found.end(1) :]


def packed(contents, chance):
    """Parts as the bytes of a file, now and then with the archive itself bent."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    data = bytearray(buffer.getvalue())
    kind = chance.random()
    if kind < 0.03:
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif kind < 0.05:
        del data[chance.randrange(len(data)) :]
    elif kind < 0.06:
        data[:0] = b"junk before it"
    return bytes(data)
