"""Characters a reader cannot see: removed from every text that comes out of a mailbox.

Those that shape what a reader does see stay where they do so: joiners in scripts that need them, in emoji and before
selected forms of a letter. Sources: Unicode 16, chapter 23 (special areas and format characters); UTS 51 for emoji.
"""

from __future__ import annotations

import re

from outlook_mcp.text.invisible import (
    END_OF_LONG_RUN,
    MARKS_OF_DIRECTION,
    MAY_BE_INVISIBLE,
    RIGHT_TO_LEFT,
    invisible,
)

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f]+")
_NOT_PLAIN = re.compile(r"[^\n\t -~]")
_SEPARATORS = re.compile("[\u2028\u2029]")
# Printers and typewriters began a new line or page with these.
_LINE_ENDS = re.compile("[\x0b-\x0d\x1c-\x1e\x85]")
# Where a long word may be parted: it shows only at the end of a line.
_SOFT_HYPHEN = re.compile(r"(?<=[^\W\d_])\xad(?=[^\W\d_])")
_SPACE = re.compile(r"\s+")
_SPACE_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


def strip_invisible(text: str) -> tuple[str, int]:
    """The text without invisible and control characters, and how many of them were removed.

    Newlines and tabs stay, other line ends become newlines. The soft hyphens of a word go, but hide nothing and are
    not counted.

    >>> strip_invisible("pay\\u200bpal")
    ('paypal', 1)
    >>> strip_invisible("Zucker\\xadrübe")
    ('Zuckerrübe', 0)
    """
    if text.isascii() and text.isprintable():
        return text, 0
    if text.isascii() and not _NOT_PLAIN.search(text):
        return text, 0
    text = _LINE_ENDS.sub("\n", text)
    if text.isascii():
        cleaned = _CONTROL.sub("", text)
        return cleaned, len(text) - len(cleaned)
    text, separators = _SEPARATORS.subn("\n", _SOFT_HYPHEN.sub("", text))
    cleaned = _CONTROL.sub("", _without_invisible(text))
    return cleaned, len(text) - len(cleaned) + separators


def _without_invisible(text: str) -> str:
    if not MAY_BE_INVISIBLE.search(text):
        return text
    text = invisible().sub("", END_OF_LONG_RUN.sub("", text))
    return text if RIGHT_TO_LEFT.search(text) else MARKS_OF_DIRECTION.sub("", text)


def count_visible(text: str) -> int:
    """How many characters of the text a reader would see, spaces not counted.

    >>> count_visible("a b\\u200bc")
    3
    """
    return len(_SPACE.sub("", strip_invisible(text)[0]))


def one_line(text: str, limit: int) -> str:
    """Untrusted text for one line of an answer: nothing invisible, no line breaks, cut with `…` at `limit`.

    >>> one_line("Offer\\r\\n  for the  workshop", 13)
    'Offer for th…'
    """
    if len(text) <= limit and text.isascii() and text.isprintable() and "  " not in text and text == text.strip():
        return text
    if len(text) > 4 * limit + 400:
        text = text[: 4 * limit + 400]
    if not text.isascii():
        text = _without_invisible(_SOFT_HYPHEN.sub("", text))
    text = " ".join(text.split())
    if not text.isprintable():
        text = _SPACE_OR_CONTROL.sub(" ", text).strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
