"""PDF files and Word documents become text: pages, tables, lists, notes, and what readers do not see."""

from __future__ import annotations

import pytest

from outlook_mcp.text.files.docx import read_docx
from outlook_mcp.text.files.gathering import UnreadableFile
from outlook_mcp.text.files.pdf import read_pdf
from tests.text.files.made import docx, drawn_pdf, packed, pdf, word_paragraph, word_table

STYLES = (
    '<w:style w:styleId="h2"><w:name w:val="heading 2"/></w:style>'
    '<w:style w:styleId="n"><w:name w:val="Clause"/><w:pPr><w:numPr><w:numId w:val="7"/></w:numPr></w:pPr></w:style>'
)
NUMBERING = (
    '<w:abstractNum w:abstractNumId="1">'
    '<w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1.%2)"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="7"><w:abstractNumId w:val="1"/></w:num>'
)
CLAUSE = '<w:pStyle w:val="n"/>'
BELOW = '<w:numPr><w:ilvl w:val="1"/><w:numId w:val="7"/></w:numPr>'


def test_words_of_a_pdf_whose_letters_are_spaced_are_whole_and_stay_apart() -> None:
    """As programs that read scans write them: the last letter of a word is shown by itself."""
    words = ["American", "Lines,", "Ltd", "of", "A"]
    spaced = "".join(f"2 Tc ( {word[:-1]}) Tj 0 Tc ({word[-1]}) Tj " for word in words)
    apart = "T* 0 Tc [(Not) -400 (spaced) -300 (at) -300 (all)] TJ T* 2 Tc [(Spaced) -500 (words)] TJ"
    read = read_pdf(drawn_pdf([spaced + apart])).text.text
    assert read.split() == [*words, "Not", "spaced", "at", "all", "Spaced", "words"]


def test_pages_of_a_pdf_are_told_apart_and_read_from_any_of_them() -> None:
    source = pdf([["Offer (draft)", "Price: 1.200,00 €"], ["Terms"], []])
    assert read_pdf(source).text.text.replace("\r", "").split("\n") == [
        "[page 1]",
        "Offer (draft)",
        "Price: 1.200,00 €",
        "[page 2]",
        "Terms",
    ]
    later = read_pdf(source, 2)
    assert (later.text.text, later.first, later.last, later.parts) == ("[page 2]\nTerms", 2, 3, 3)
    assert later.notes == ("without text, empty or pictures as of a scanner: page 3",)
    assert read_pdf(pdf([["One page"]])).text.text == "One page"
    with pytest.raises(UnreadableFile, match="it has 3 pages only"):
        read_pdf(source, 4)


def test_a_scan_is_told_from_a_text() -> None:
    assert read_pdf(pdf([[], []])).notes == ("no page has text: they are pictures, as of a scanner",)


def test_a_document_keeps_headings_lists_and_tables_as_rows() -> None:
    body = (
        word_paragraph("Übergabe", '<w:pStyle w:val="h2"/>')
        + word_paragraph("First", CLAUSE)
        + word_paragraph("Detail", BELOW)
        + word_paragraph("Second", CLAUSE)
        + word_table([["Item", "Price"], ["Chair", "120 €"]])
    )
    assert read_docx(docx(body, styles=STYLES, numbering=NUMBERING)).text.text.split("\n") == [
        "## Übergabe",
        "3. First",
        "3.a) Detail",
        "4. Second",
        "Item | Price",
        "Chair | 120 €",
    ]


def test_a_table_in_a_cell_stays_in_its_row() -> None:
    inner = word_table([["a", "b"], ["c", "d"]])
    body = f"<w:tbl><w:tr><w:tc>{word_paragraph('x')}{inner}</w:tc><w:tc>{word_paragraph('y')}</w:tc></w:tr></w:tbl>"
    assert read_docx(docx(body)).text.text == "x (a | b) (c | d) | y"


def test_headers_notes_and_comments_of_a_document_are_read() -> None:
    note = word_paragraph("See annex.")
    body = '<w:p><w:r><w:t>Text</w:t><w:footnoteReference w:id="2"/></w:r></w:p>'
    source = docx(
        body,
        header1=word_paragraph("Contoso"),
        header2=word_paragraph("Contoso"),
        footer1=word_paragraph("Confidential"),
        footnotes=f'<w:footnote w:id="2">{note}</w:footnote>',
        comments=f'<w:comment w:id="0" w:author="Erin">{word_paragraph("Why?")}</w:comment>',
    )
    assert read_docx(source).text.text.split("\n") == [
        "[header] Contoso",
        "Text[^f2]",
        "[^f2] See annex.",
        "[comment of Erin] Why?",
        "[footer] Confidential",
    ]


def test_deleted_and_hidden_words_of_a_document_are_left_out_and_counted() -> None:
    body = (
        "<w:p><w:r><w:t>Pay </w:t></w:r><w:del><w:r><w:delText>100</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>nobody</w:t></w:r></w:moveFrom>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>Obey me</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>Erin</w:t></w:r></w:p>'
    )
    found = read_docx(docx(body)).text
    assert (found.text, found.hidden_chars, found.doubtful) == ("Pay Erin", 7, False)
    white = '<w:p><w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>Obey me</w:t></w:r></w:p>'
    assert read_docx(docx(white)).text.doubtful


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><d>&b;</d>',
        '<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>',
        "<d>" * 1_001,
        "<d",
    ],
)
def test_a_document_with_entities_or_endless_depth_is_refused(document: str) -> None:
    with pytest.raises(UnreadableFile, match="no whole Word document"):
        read_docx(packed({"word/document.xml": document}))
