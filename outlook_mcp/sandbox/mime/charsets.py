"""Bytes to text with the charset that a message declares, which may be wrong or unknown."""

from __future__ import annotations

import re

# WHATWG reads these labels as their supersets, and so do mail clients.
_SUPERSETS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso-8859-8",
}
# Codecs of Python that are no charset of mail; some take quadratic time.
_NOT_FOR_MAIL = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")


def decode(raw: bytes, charset: str = "") -> str:
    """Text without NULs and lone surrogates; UTF-8, then Windows-1252 when the charset is wrong."""
    if text := _strictly(raw, charset):
        return clean(text)
    if text := _strictly(raw, "utf-8"):
        return clean(text)
    return clean(raw.decode(_known(charset) or "cp1252", "replace"))


def clean(text: str) -> str:
    return _FORBIDDEN.sub("", text)


def _strictly(raw: bytes, charset: str) -> str | None:
    codec = _known(charset)
    try:
        return raw.decode(codec) if codec else None
    except ValueError:
        return None


def _known(charset: str) -> str | None:
    name = charset.strip(" \t\r\n\"'").lower()
    name = _SUPERSETS.get(name, name)
    if not name or name.replace("-", "_") in _NOT_FOR_MAIL:
        return None
    try:
        bytes(4).decode(name)
    except (LookupError, ValueError):
        return None
    return name
