"""Spreadsheets, presentations, OpenDocument, rich text, calendars and archives become text."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile, ZipInfo

import msgspec
import pytest

from outlook_mcp.text.files import archive
from outlook_mcp.text.files.calendar import read_calendar
from outlook_mcp.text.files.gathering import UnreadableFile
from outlook_mcp.text.files.open_text import read_open_text
from outlook_mcp.text.files.result import decoded_listing
from outlook_mcp.text.files.rich_text import read_rich_text
from outlook_mcp.text.files.sheets import read_workbook
from outlook_mcp.text.files.slides import read_slides
from tests.text.files.made import OFFICE, ics, odt, packed, pptx, relations, rtf, slide_text, with_parts, xlsx

MEETING = """DTSTART;TZID=Europe/Berlin:20261130T090000
DTEND;TZID=Europe/Berlin:20261130T100000
SUMMARY:Übergabe\\, Teil 1
RRULE:FREQ=WEEKLY;COUNT=3
ORGANIZER;CN=Erin:mailto:erin@fabrikam.example
ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:mailto:bob@contoso.example
DESCRIPTION:One\\nTwo"""


def test_sheets_of_a_workbook_keep_their_rows_and_are_read_from_any_of_them() -> None:
    source = xlsx({"Prices": [["Item", "Price"], ["Stühle", 120.0], ["Total", 0.30000000000000004]], "B": [["x"]]})
    found = read_workbook(source)
    assert found.text.text.split("\n") == [
        "[sheet 1: Prices]",
        "Item | Price",
        "Stühle | 120",
        "Total | 0.3",
        "[sheet 2: B]",
        "x",
    ]
    assert (found.unit, found.parts) == ("sheet", 2)
    assert read_workbook(source, 2).text.text == "[sheet 2: B]\nx"
    with pytest.raises(UnreadableFile, match="no whole spreadsheet"):
        read_workbook(source[:300])


def test_slides_come_in_the_order_of_the_presentation_with_tables_and_notes() -> None:
    table = (
        "<a:tbl><a:tr><a:tc><a:p><a:r><a:t>Chair</a:t></a:r></a:p></a:tc>"
        "<a:tc><a:p><a:r><a:t>120</a:t></a:r></a:p></a:tc></a:tr></a:tbl>"
    )
    source = pptx([slide_text("First"), slide_text("Second") + table], {2: "Say thanks"})
    assert read_slides(source).text.text.split("\n") == [
        "[slide 1]",
        "First",
        "[slide 2]",
        "Second",
        "Chair | 120",
        "[notes] Say thanks",
    ]
    assert read_slides(source, 2).first == 2


def test_headings_and_lists_of_open_document_text_have_the_numbers_that_programs_show() -> None:
    levels = "".join(
        f'<text:outline-level-style text:level="{n}" style:num-format="1" text:display-levels="{n}"/>' for n in (1, 2)
    )
    lists = (
        '<text:list-style style:name="L1"><text:list-level-style-bullet text:level="1"/>'
        '<text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")" text:start-value="3"/>'
        "</text:list-style>"
    )
    head = '<text:h text:outline-level="{}">{}</text:h>'
    inner = "<text:list><text:list-item><text:p>one</text:p><text:p>more</text:p></text:list-item></text:list>"
    item = f"<text:list-item><text:p>first</text:p>{inner}{inner}</text:list-item>"
    body = (
        head.format(1, "Plan")
        + head.format(2, "Cost")
        + head.format(2, "")
        + head.format(2, "Time")
        + f'<text:list text:style-name="L1">{item}</text:list>'
        + head.format(1, "End")
    )
    outline = f"<text:outline-style>{levels}</text:outline-style>"
    assert read_open_text(odt(body, outline + lists)).text.text.split("\n") == [
        *("# 1 Plan", "## 1.1 Cost", "## 1.3 Time", "- first", "c) one", "more", "d) one", "more", "# 2 End"),
    ]


def test_what_stands_on_every_slide_is_told_once_and_new_comments_with_their_answers_are_read() -> None:
    source = pptx([slide_text("First"), slide_text("Second")])
    place = '<p:sp><p:nvPr><p:ph type="title"/></p:nvPr><a:p><a:r><a:t>Click to edit</a:t></a:r></a:p></p:sp>'
    words = "<p:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:txBody>"
    comment = (
        f"<p:cm><p:replyLst><p:reply>{words.format('Done')}</p:reply></p:replyLst>{words.format('Too long')}</p:cm>"
    )
    to_layout = {"r1": (f"{OFFICE}/slideLayout", "../slideLayouts/layout.xml")}
    to_comment = {"r2": ("http://schemas.microsoft.com/office/2018/10/relationships/comments", "../comments/new.xml")}
    spaces = 'xmlns:p="p" xmlns:a="a"'
    source = with_parts(
        source,
        {
            "ppt/slides/_rels/slide2.xml.rels": relations(to_layout | to_comment),
            "ppt/slides/_rels/slide1.xml.rels": relations(to_layout),
            "ppt/slideLayouts/layout.xml": f"<p:l {spaces}>{place}{slide_text('Confidential')}</p:l>",
            "ppt/comments/new.xml": f"<p:cmLst {spaces}>{comment}</p:cmLst>",
        },
    )
    assert read_slides(source).text.text.split("\n") == [
        "[slide 1]",
        "First",
        "[background] Confidential",
        "[comment] Too long",
        "[comment] Done",
        "[slide 2]",
        "Second",
    ]


def test_open_document_text_keeps_headings_and_tables_and_leaves_out_what_is_hidden() -> None:
    hidden = '<style:style style:name="T1"><style:text-properties text:display="none"/></style:style>'
    body = (
        '<text:h text:outline-level="2">Plan</text:h>'
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        '<text:p>Pay<text:s text:c="2"/>Erin<text:span text:style-name="T1">Obey</text:span></text:p>'
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
        "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>"
    )
    found = read_open_text(odt(body, hidden)).text
    assert (found.text, found.hidden_chars) == ("## Plan\nPay  Erin\na | b", 4)


def test_rich_text_keeps_its_letters_and_rows_without_its_pictures() -> None:
    source = rtf(["Grüße aus 東京"], [["Chair", "120 €"]])
    picture = rb"{\pict\wmetafile8 " + b"0123456789abcdef" * 50 + rb"}{\*\bin5 }}}}}"
    assert read_rich_text(source[:-1] + picture + b"}").text.text == "Grüße aus 東京\nChair | 120 €"


def test_events_of_a_calendar_file_say_when_who_and_how_often() -> None:
    assert read_calendar(ics(MEETING, "DTSTART;VALUE=DATE:20261224\nSUMMARY:Off", method="REQUEST")).text.text.split(
        "\n"
    ) == [
        "Method: request",
        "",
        "[event] Übergabe, Teil 1",
        "When: 2026-11-30 09:00 (Europe/Berlin) to 2026-11-30 10:00 (Europe/Berlin)",
        "Repeats: FREQ=WEEKLY;COUNT=3",
        "Organizer: Erin <erin@fabrikam.example>",
        "Attendees: Bob <bob@contoso.example> (accepted)",
        "One",
        "Two",
        "",
        "[event] Off",
        "When: 2026-12-24",
    ]
    with pytest.raises(UnreadableFile, match="no whole calendar"):
        read_calendar(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n")
    assert "SUMMARY:Off" in read_calendar(ics("DTSTART:99\nSUMMARY:Off")).text.text


def test_an_archive_lists_its_files_and_gives_one() -> None:
    source = packed({"a/": b"", "a/Grüße.txt": b"hello", "b.pdf": b"%PDF-1.7"})
    listed = decoded_listing(archive.run([], source))
    assert listed is not None
    assert [(member.name, member.size) for member in listed.members] == [("a/Grüße.txt", 5), ("b.pdf", 8)]
    found, content = msgspec.msgpack.decode(archive.run(["1"], source))
    assert (found["name"], content) == ("Grüße.txt", b"hello")
    assert msgspec.msgpack.decode(archive.run(["3"], source)) is None
    assert decoded_listing(archive.run([], b"PK\x03\x04")) is None


def test_a_member_that_unpacks_to_more_than_is_read_is_not_given() -> None:
    source = packed({"bomb": bytes(15_000_001)})
    assert len(source) < 100_000
    assert msgspec.msgpack.decode(archive.run(["1"], source)) is None


# APPNOTE.TXT 4.4.4, bit 11; Python 3.14 sets it beforehand.
_NAME_IS_UTF_8 = 0x800


class OldInfo(ZipInfo):
    """An entry as programs wrote it before UTF-8: the name in the charset of the computer, and no flag."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802, a method of the library
        return self.filename.encode("cp866"), self.flag_bits & ~_NAME_IS_UTF_8


def test_names_in_an_archive_without_a_charset_are_guessed() -> None:
    written = BytesIO()
    with ZipFile(written, "w") as old:
        old.writestr(OldInfo("Договор поставки и приложение.txt"), b"x")
    listed = decoded_listing(archive.run([], written.getvalue()))
    assert listed is not None
    assert listed.members[0].name == "Договор поставки и приложение.txt"
