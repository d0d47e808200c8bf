"""Words of PDF files whose letters are spaced: the spaces that PDFium puts into them are taken out again."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from itertools import chain
from statistics import fmean as mean
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

_BETWEEN_WORDS = re.compile(r"(?<=\S) (?=\S)")
_NO_SPACE = re.compile(r"\S")
# Letters of a word that are looked at on either side of a space.
_LETTERS = 5
# Of the height of a line: letters nearer than this are not spaced.
_LEAST_GAP = 0.04
# Spaces within a word are as wide as the gaps between its letters, or nearly so.
_WIDEST = 1.3
# Of so many spaces one is looked at: where one is false most are, and looking at all takes as long as reading the page.
_LOOKED_AT = 4


def without_false_spaces(page: pypdfium2.PdfTextPage, text: str) -> str:
    """`text` is that of the page, perhaps without characters that stand outside of its edges.

    PDFium puts a space where a text goes on in another object of the page, such as before the last letter of each
    word of a scan, when the letters have gaps. It is kept unless it is as wide as the gaps around it.
    """
    whole = page.get_text_range()
    spaces = [found.start() for found in _BETWEEN_WORDS.finditer(whole)]
    if not any(_compared(page, space).is_false for space in spaces[::_LOOKED_AT]):
        return text
    compared = {space: _compared(page, space) for space in spaces}
    widest = _WIDEST * mean(found.width for found in compared.values() if found.is_false)
    false = {
        space
        for space, found in compared.items()
        if found.is_false or (found.is_false is None and found.width <= widest)
    }
    letters = [found.start() for found in _NO_SPACE.finditer(whole)]
    shown = [found.start() for found in _NO_SPACE.finditer(text)]
    if len(letters) != len(shown):
        return text
    kept, begun = [], 0
    for before, after, place in zip(shown, shown[1:], letters, strict=False):
        if place + 1 in false:
            kept.append(text[begun : before + 1])
            begun = after
    return "".join([*kept, text[begun:]])


class _Compared(NamedTuple):
    """How wide a space is, in units of the page, and whether it is false.

    None between two single letters, which have no gaps to compare with.
    """

    width: float
    is_false: bool | None


_KEPT = _Compared(0.0, False)


def _compared(page: pypdfium2.PdfTextPage, place: int) -> _Compared:
    index = pdfium.FPDFText_GetCharIndexFromTextIndex(page.raw, place)
    if index < 0 or pdfium.FPDFText_IsGenerated(page.raw, index) != 1:
        return _KEPT
    before, after = _box(page, index - 1), _box(page, index + 1)
    least = _LEAST_GAP * (before.top - before.bottom)
    gaps: list[float] = []
    for gap in chain(_gaps(page, index - 1, before, -1), _gaps(page, index + 1, after, 1)):
        # So it is nearly everywhere.
        if gap <= least:
            return _KEPT
        gaps.append(gap)
    width = after.left - before.right
    if width <= least:
        return _KEPT
    return _Compared(width, width <= _WIDEST * mean(gaps) if gaps else None)


def _gaps(page: pypdfium2.PdfTextPage, index: int, box: pdfium.FS_RECTF, step: int) -> Iterator[float]:
    """Between letters of a word, from the one at `index` to the left or the right."""
    for neighbour in range(index + step, index + step * _LETTERS, step):
        if chr(pdfium.FPDFText_GetUnicode(page.raw, neighbour)).isspace():
            return
        following = _box(page, neighbour)
        yield following.left - box.right if step > 0 else box.left - following.right
        box = following


def _box(page: pypdfium2.PdfTextPage, index: int) -> pdfium.FS_RECTF:
    """With the room that the font gives the character, in the units of the page; empty where there is none."""
    box = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(page.raw, index, ctypes.byref(box))
    return box
