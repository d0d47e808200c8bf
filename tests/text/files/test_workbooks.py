"""Workbooks show numbers, days and errors as a spreadsheet program does, and keep what stands beside the cells."""

from __future__ import annotations

import struct

import pytest

from outlook_mcp.text.files.gathering import UnreadableFile
from outlook_mcp.text.files.kinds import FileKind, kind_of
from outlook_mcp.text.files.number_formats import shown_number
from outlook_mcp.text.files.sheets import read_workbook
from tests.text.files.compound import compound
from tests.text.files.made import TYPES, packed, relations

KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
EURO, DAY, HIDDEN = 164, 165, 166
FORMATS = {EURO: '#,##0.00 "€"', DAY: "dd.mm.yyyy hh:mm", HIDDEN: ";;;"}
CELLS = """<row r="2"><c r="B2" t="s"><v>0</v></c><c r="D2" s="1"><v>1234.5</v></c>
<c r="E2" s="4"><v>0.125</v></c></row>
<row r="3"><c r="B3" t="inlineStr"><is><r><t>Two </t></r><r><t>words</t></r></is></c>
<c r="C3" s="2"><v>46355.5</v></c></row>
<row r="4"><c r="B4" t="e"><v>#DIV/0!</v></c><c r="C4"><f>SUM(D2:D3)</f></c><c r="D4" s="3"><v>77</v></c></row>"""
STRINGS = "<si><r><t>Price</t></r><rPh><t>read aloud</t></rPh></si>"
BOX = "<xdr:sp><xdr:txBody><a:p><a:r><a:t>Draft only</a:t></a:r></a:p></xdr:txBody></xdr:sp>"


def points(*values: str) -> str:
    return "".join(f'<c:pt idx="{n}"><c:v>{value}</c:v></c:pt>' for n, value in enumerate(values) if value)


SERIES = (
    f"<c:ser><c:tx>{points('Revenue')}</c:tx><c:cat>{points('Q1', 'Q2')}</c:cat>"
    f"<c:val>{points('4.4000000000000004')}</c:val></c:ser>"
    f"<c:ser><c:cat>{points('Q1', 'Q2')}</c:cat><c:val>{points('7', '8.0')}</c:val></c:ser>"
)


def workbook() -> bytes:
    """One hidden sheet of three rows that begin at B2, with a header, a comment, a text box and a chart."""
    codes = "".join(f"<numFmt numFmtId='{number}' formatCode='{code}'/>" for number, code in FORMATS.items())
    styles = "".join(f'<xf numFmtId="{number}"/>' for number in (0, EURO, DAY, HIDDEN, 10))
    parts = {"r1": ("drawing", "../drawings/drawing1.xml"), "r2": ("comments", "../comments1.xml")}
    sheet = '<headerFooter><oddHeader>&amp;L&amp;"Arial"&amp;8Offer&amp;RPage &amp;P</oddHeader></headerFooter>'
    return packed(
        {
            "[Content_Types].xml": TYPES,
            "xl/workbook.xml": f'<w xmlns:r="{KIND}"><sheet name="Offer" sheetId="1" state="hidden" r:id="r1"/></w>',
            "xl/_rels/workbook.xml.rels": relations({"r1": (f"{KIND}/worksheet", "worksheets/sheet1.xml")}),
            "xl/styles.xml": f"<s><numFmts>{codes}</numFmts><cellXfs>{styles}</cellXfs></s>",
            "xl/SharedStrings.xml": f"<sst>{STRINGS}</sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{CELLS}</sheetData>{sheet}</worksheet>",
            "xl/worksheets/_rels/sheet1.xml.rels": relations(
                {name: (f"{KIND}/{kind}", target) for name, (kind, target) in parts.items()}
            ),
            "xl/comments1.xml": "<c><authors><author>Erin</author></authors>"
            '<comment ref="D2" authorId="0"><text><r><t>Too much</t></r></text></comment></c>',
            "xl/drawings/drawing1.xml": f'<xdr:wsDr xmlns:xdr="x" xmlns:a="a">{BOX}</xdr:wsDr>',
            "xl/drawings/_rels/drawing1.xml.rels": relations({"r1": (f"{KIND}/chart", "../charts/chart1.xml")}),
            "xl/charts/chart1.xml": f'<c:c xmlns:c="c" xmlns:a="a"><a:p><a:t>Sales</a:t></a:p>{SERIES}</c:c>',
        }
    )


def test_cells_are_shown_by_their_formats_and_what_stands_beside_them_is_told_apart() -> None:
    found = read_workbook(workbook())
    assert found.text.text.split("\n") == [
        "[sheet 1, hidden: Offer]",
        "Price |  | 1,234.50 € | 12.50%",
        "Two words | 2026-11-29 12:00",
        "#DIV/0! | =SUM(D2:D3)",
        "[header] Offer | Page",
        "[comment of Erin on D2] Too much",
        "[text box] Draft only",
        "[drawing] Sales",
        "[drawing]  | Revenue | Series2",
        "[drawing] Q1 | 4.4 | 7",
        "[drawing] Q2 |  | 8",
    ]
    assert found.text.hidden_chars == 2


def record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def old_text(text: str) -> bytes:
    return struct.pack("<HB", len(text), 0) + text.encode("latin-1")


def old_drawn(number: int, text: str) -> bytes:
    """The text of a drawing in two pieces."""
    head = record(0x5D, struct.pack("<HHHH", 0x15, 0x12, 6, number)) + record(
        0x1B6, struct.pack("<10xHH4x", len(text), 0)
    )
    return head + record(0x3C, b"\0" + text[:3].encode()) + record(0x3C, b"\1" + text[3:].encode("utf-16-le"))


def old_stream() -> bytes:
    """The records of Excel 97 for a price, a percentage, a day, an error, a chart and what stands beside the cells."""
    begin, end = record(0x809, struct.pack("<HH12x", 0x600, 5)), record(0x0A, b"")
    code = FORMATS[EURO]
    codes = record(0x41E, struct.pack("<HHB", EURO, len(code), 1) + code.encode("utf-16-le"))
    styles = b"".join(record(0xE0, struct.pack("<HH16x", 0, number)) for number in (0, EURO, 10, 14))
    cells = (
        record(0x203, struct.pack("<HHHd", 0, 1, 1, 1234.5))
        + record(0x27E, struct.pack("<HHHI", 0, 2, 2, 12 << 2 | 3))
        + record(0xBD, struct.pack("<HHHIHIH", 1, 1, 3, 46355 << 2 | 2, 0, 7 << 2 | 2, 2))
        + record(0x205, struct.pack("<HHHBB", 2, 1, 0, 7, 1))
    )
    chart = begin + record(0x203, struct.pack("<HHHd", 0, 1, 0, 99.0)) + end
    name = struct.pack("<HBB", 0, 5, 0) + b"Offer"
    start = len(begin) + len(record(0x85, bytes(4) + name)) + len(codes) + len(styles) + len(end)
    beside = record(0x14, old_text("&LOffer&RPage &P")) + old_drawn(1, "Too much") + old_drawn(2, "Draft only")
    beside += record(0x1C, struct.pack("<HHHH", 0, 1, 0, 1) + old_text("Erin"))
    sheet = record(0x809, struct.pack("<HH12x", 0x600, 0x10)) + chart + cells + beside + end
    whole = begin + record(0x85, struct.pack("<I", start) + name) + codes + styles + end + sheet
    return whole + bytes(max(0, 600 - len(whole)))


def test_a_workbook_of_the_time_before_2007_shows_its_numbers_and_errors_too() -> None:
    source = compound({"Workbook": old_stream()})
    assert kind_of(source) is FileKind.SHEET
    assert read_workbook(source).text.text.split("\n") == [
        "[sheet 1: Offer]",
        "1,234.50 € | 12.00%",
        "2026-11-29 | 7",
        "#DIV/0!",
        "[header] Offer | Page",
        "[comment of Erin on B1] Too much",
        "[text box] Draft only",
    ]


SHEET = (
    '<table:table-row><table:table-cell office:value-type="currency" office:value="12"><text:p>12,00 €</text:p>'
    "<office:annotation><dc:creator>Erin</dc:creator><dc:date>2026-11-29</dc:date><text:p>Why?</text:p>"
    '</office:annotation></table:table-cell><table:table-cell office:date-value="2026-07-03"><text:p>03.07.26</text:p>'
    '</table:table-cell><table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
    '<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="2">'
    "<text:p>a</text:p><text:p>b</text:p></table:table-cell></table:table-row>"
    '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
)


TITLE = '<chart:title xmlns:chart="c"><text:p>Sales</text:p></chart:title>'
# As a new document has them, and one that somebody wrote.
MARGINS = "<text:p>Page <text:page-number>1</text:page-number> /</text:p><text:p>Confidential</text:p>"


def test_an_open_document_workbook_shows_its_cells_comments_and_charts() -> None:
    spaces = 'xmlns:office="o" xmlns:text="t" xmlns:table="b" xmlns:dc="d"'
    tables = f'<table:table table:name="A">{SHEET}</table:table><table:table table:name="B"/>'
    source = packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"<office:c {spaces}>{tables}</office:c>",
            "Object 1/content.xml": f"<office:c {spaces}>{TITLE}</office:c>",
            "styles.xml": f"<office:s {spaces}>{MARGINS}</office:s>",
        }
    )
    found = read_workbook(source)
    assert found.text.text.split("\n") == [
        "[sheet 1: A]",
        "12,00 € | 2026-07-03",
        "a b | a b",
        "a b | a b",
        "[comment of Erin] Why?",
        "[sheet 2: B]",
        "[drawing] Sales",
        "[header or footer] Confidential",
    ]
    assert (found.parts, read_workbook(source, 2).text.text.split("\n")[:2]) == (2, ["[sheet 2: B]", "[drawing] Sales"])
    with pytest.raises(UnreadableFile, match="it has 2 sheets only"):
        read_workbook(source, 3)


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (99.995, "0.00E+00", "1.00E+02"),
        (-1234.567, "_-* #,##0.00_-;-* #,##0.00_-;_-* -??_-;_-@_-", "-1,234.57"),
        (12345678.0, '0.0,,"M"', "12.3M"),
        (99.995, "# ?/8", "100"),
        (2.5, "# ?/?", "2 1/2"),
        (5.0, '[<100]"low";[>1000]"high";"mid"', "low"),
        (46355.75, "dddd, d mmmm yyyy h:mm AM/PM", "Sunday, 29 November 2026 6:00 PM"),
        (46355.0, 'yyyy"年"m"月"d"日"', "2026年11月29日"),
        (-1.0, "yyyy-mm-dd", "-1"),
        (1e300, "yyyy-mm-dd", "1E+300"),
        (1e-05, "General", "0.00001"),
        (0.0, '0;-0;"none"', "none"),
        (-0.001, "0.0", "0.0"),
    ],
)
def test_a_number_is_shown_as_its_format_says(value: float, code: str, shown: str) -> None:
    assert shown_number(value, code).strip() == shown
