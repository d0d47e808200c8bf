"""In which charset bytes are to be read."""

from __future__ import annotations

import codecs

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def charset_of(raw: bytes, declared: str | None) -> str:
    """A byte order mark, else the declared charset if it fits, else UTF-8 if it fits, else Windows-1252."""
    for mark, charset in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return charset
    for charset in filter(None, (declared, "utf-8")):
        try:
            raw.decode(charset)
        except (UnicodeDecodeError, LookupError):
            continue
        return charset
    return "cp1252"
