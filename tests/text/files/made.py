"""Files of Office and others as small programs write them, made for the tests without any library."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP file."""
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            # OpenDocument files begin with their type as it is, by which they are told.
            archive.writestr(name, content, ZIP_STORED if name == "mimetype" else ZIP_DEFLATED)
    return written.getvalue()


def with_parts(source: bytes, parts: Mapping[str, str]) -> bytes:
    """A ZIP file with further members."""
    with ZipFile(BytesIO(source)) as archive:
        return packed({name: archive.read(name) for name in archive.namelist()} | dict(parts))


def pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """A PDF file with these lines on each page, in a font of Latin letters."""
    return drawn_pdf(["".join(f"({_quoted(line)}) Tj T*\n" for line in lines) for lines in pages])


def drawn_pdf(pages: Sequence[str]) -> bytes:
    """The same with operators for text, from the left top of the page on."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b""]
    objects.append(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
    kids = []
    for drawn in pages:
        content = zlib.compress(f"BT /F1 11 Tf 14 TL 50 800 Td\n{drawn} ET".encode("cp1252"))
        objects.append(b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(content), content))
        kids.append(len(objects) + 1)
        page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {len(objects)} 0 R"
        objects.append(f"{page}/Resources<</Font<</F1 3 0 R>>>>>>".encode())
    named = " ".join(f"{number} 0 R" for number in kids)
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{named}]>>".encode()
    return _pdf_of(objects)


def _pdf_of(objects: Sequence[bytes]) -> bytes:
    written, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    ending = (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(written)}\n"
    )
    return written + ending.encode() + b"%%EOF\n"


def _quoted(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def word_paragraph(text: str, properties: str = "") -> str:
    """A paragraph of Word; `properties` is the XML of its `w:pPr`."""
    return f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def word_table(rows: Sequence[Sequence[str]]) -> str:
    """A table of Word with a paragraph in each cell."""
    cells = ("".join(f"<w:tc>{word_paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def docx(body: str, **parts: str) -> bytes:
    """A Word document with this XML as its body; `parts` are the insides of others such as `footnotes`, by name."""
    members = {
        "[Content_Types].xml": TYPES,
        "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
    }
    members |= {
        f"word/{name}.xml": f"<w:{name.rstrip('123')} {W}>{inner}</w:{name.rstrip('123')}>"
        for name, inner in parts.items()
    }
    return packed(members)


def xlsx(sheets: Mapping[str, Sequence[Sequence[str | float]]]) -> bytes:
    """A workbook of Excel with texts in the cells themselves."""
    names = "".join(f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = f"{office}/worksheet"
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": relations({"r1": (f"{office}/officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            {f"r{n}": (kind, f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)}
        ),
    }
    for number, rows in enumerate(sheets.values(), 1):
        lines = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
        sheet = f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>'
        members[f"xl/worksheets/sheet{number}.xml"] = sheet
    return packed(members)


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f"<c><v>{value}</v></c>"


def relations(targets: Mapping[str, tuple[str, str]]) -> str:
    """The part that says what another part refers to: kind and target by id."""
    inner = "".join(f'<Relationship Id="{n}" Type="{kind}" Target="{to}"/>' for n, (kind, to) in targets.items())
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'
    )


def slide_text(text: str) -> str:
    """A text box of PowerPoint."""
    return f"<p:sp><p:txBody><a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p></p:txBody></p:sp>"


def pptx(slides: Sequence[str], notes: Mapping[int, str] | None = None) -> bytes:
    """A presentation whose slides hold this XML, listed against the order of their file names."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    spaces = f'xmlns:p="p" xmlns:a="a" xmlns:r="{kind}"'
    count = len(slides)
    listed = "".join(f'<p:sldId id="{255 + n}" r:id="r{n}"/>' for n in range(1, count + 1))
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "ppt/presentation.xml": f"<p:presentation {spaces}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(
            {f"r{n}": (f"{kind}/slide", f"slides/slide{count + 1 - n}.xml") for n in range(1, count + 1)}
        ),
    }
    for number, inner in enumerate(slides, 1):
        file = f"slide{count + 1 - number}.xml"
        tree = f"<p:sld {spaces}><p:cSld><p:spTree>{inner}</p:spTree></p:cSld></p:sld>"
        members[f"ppt/slides/{file}"] = tree
        if notes and number in notes:
            members[f"ppt/notesSlides/{file}"] = f"<p:notes {spaces}>{slide_text(notes[number])}</p:notes>"
            members[f"ppt/slides/_rels/{file}.rels"] = relations(
                {"r1": (f"{kind}/notesSlide", f"../notesSlides/{file}")}
            )
    return packed(members)


def odt(body: str, styles: str = "") -> bytes:
    """An OpenDocument text with this XML as its content."""
    spaces = 'xmlns:office="o" xmlns:text="t" xmlns:table="b" xmlns:style="s"'
    content = (
        f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def rtf(lines: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> bytes:
    """Rich text with paragraphs, and a table below them."""
    cells = ["".join(_rtf(cell) + "\\cell " for cell in row) for row in rows]
    table = "".join(f"\\trowd {row}\\row\n" for row in cells)
    text = "".join(rf"{_rtf(line)}\par" + "\n" for line in lines)
    return (r"{\rtf1\ansi\ansicpg1252\uc1 {\fonttbl{\f0 Arial;}}" + "\n" + text + table + "}").encode("ascii")


def _rtf(text: str) -> str:
    return "".join(rf"\u{ord(letter)}?" if ord(letter) > 126 else letter for letter in text)


def ics(*entries: str, method: str = "PUBLISH") -> bytes:
    """A calendar file with these lines as its events."""
    events = "".join(f"BEGIN:VEVENT\nUID:{n}@x.example\n{entry}\nEND:VEVENT\n" for n, entry in enumerate(entries))
    written = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nMETHOD:{method}\n{events}END:VCALENDAR\n"
    return written.replace("\n", "\r\n").encode()
