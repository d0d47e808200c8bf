"""Characters a reader cannot see: removed from every text that comes out of a mailbox."""

from __future__ import annotations

import re

# Zero width, bidi controls, fillers, variation selectors beyond emoji, and Unicode tags.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e"
    "\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]+"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]+")
_SPACE = re.compile(r"\s+")
_SPACE_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


def strip_invisible(text: str) -> tuple[str, int]:
    """The text without invisible and control characters, and how many were removed. Newlines and tabs stay.

    >>> strip_invisible("pay\\u200bpal")
    ('paypal', 1)
    """
    if text.isascii() and text.isprintable():
        return text, 0
    cleaned = _CONTROL.sub("", text) if text.isascii() else _CONTROL.sub("", _INVISIBLE.sub("", text))
    return cleaned, len(text) - len(cleaned)


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
    if len(text) > 4 * limit + 400:
        text = text[: 4 * limit + 400]
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
    text = " ".join(text.split())
    if not text.isprintable():
        text = _SPACE_OR_CONTROL.sub(" ", text).strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
