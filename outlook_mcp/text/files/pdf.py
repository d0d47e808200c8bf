"""The text of PDF files, page by page, as a job of a worker process. Needs pypdfium2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import pypdfium2
import pypdfium2.raw as pdfium

from outlook_mcp.errors.counting import and_more
from outlook_mcp.text.files.gathering import (
    Piece,
    UnreadableFile,
    answer_of,
    first_part,
    gathered,
    no_part,
)
from outlook_mcp.text.files.result import LOCKED, FileText
from outlook_mcp.text.files.spaced_letters import without_false_spaces

# Of a scan the first pages alone are looked at: a file without text on these is taken for one.
_PAGES_OF_A_LINE = 40


def run(arguments: Sequence[str], source: bytes) -> bytes:
    """A PDF file becomes a FileText; the argument is the page to begin with."""
    return answer_of(partial(read_pdf, source, first_part(arguments)))


def read_pdf(source: bytes, first: int = 1) -> FileText:
    """The text from page `first` on. Raises UnreadableFile for a broken file or one with a password."""
    try:
        document = pypdfium2.PdfDocument(source)
        pages = len(document)
        # Fields that were filled in are drawn on the pages only after this.
        document.init_forms()
    except pypdfium2.PdfiumError as error:
        is_locked = getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD
        raise UnreadableFile(LOCKED if is_locked else "it is no whole PDF file") from None
    if first > pages:
        raise no_part("page", pages)
    empty: list[int] = []
    file = gathered(_pages(document, first, empty), unit="page", parts=pages, first=first)
    notes = [note] if (note := _without_text(empty, file.last - file.first + 1)) else []
    return FileText(file.text, file.unit, file.parts, file.first, file.last, tuple(notes))


def _pages(document: pypdfium2.PdfDocument, first: int, empty: list[int]) -> Iterator[Piece]:
    """Each page below a line with its number; the numbers of those without text are put into `empty`."""
    for number in range(first, len(document) + 1):
        try:
            text = _text_of(document, number - 1)
        except pypdfium2.PdfiumError:
            text = ""
        if not text:
            empty.append(number)
        yield Piece(number, f"[page {number}]\n{text}" if text and len(document) > 1 else text)


def _text_of(document: pypdfium2.PdfDocument, index: int) -> str:
    page = document[index]
    # What stands in fields and notes is text of the page only when these are merged into it, and it is loaded again.
    if pdfium.FPDFPage_GetAnnotCount(page.raw):
        pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY)
        page.close()
        page = document[index]
    text = page.get_textpage()
    found = without_false_spaces(text, text.get_text_bounded())
    text.close()
    page.close()
    # U+FFFE is written for the hyphen of a word that goes on in the next line.
    return found.replace("\ufffe\r\n", "").replace("\ufffe\n", "").replace("\ufffe", "").strip()


def _without_text(empty: Sequence[int], read: int) -> str:
    if not empty:
        return ""
    if len(empty) == read:
        return "no page has text: they are pictures, as of a scanner"
    named = ", ".join(map(str, empty[:_PAGES_OF_A_LINE])) + and_more(len(empty), _PAGES_OF_A_LINE)
    return f"without text, empty or pictures as of a scanner: page{'s' if len(empty) > 1 else ''} {named}"
