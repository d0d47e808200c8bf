"""Bytes to text with the charset that a message declares, which may be wrong, unknown or missing."""

from __future__ import annotations

import codecs
import re

import webencodings

from outlook_mcp.sandbox.mime.charset_guess import guessed_codec
from outlook_mcp.sandbox.mime.jis import from_jis
from outlook_mcp.sandbox.mime.viscii import from_viscii

_JIS = "iso2022_jp_ext"
_PAGES_OF_DOS = (437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 865, 869)
# Charsets of mail that browsers do not know, and supersets of those that they do.
_CODECS = {
    **{f"{prefix}{number}": f"cp{number}" for number in _PAGES_OF_DOS for prefix in ("cp", "ibm")},
    **{name: name for name in ("cp932", "cp949", "cp950", "hz")},
    **{f"iso-2022-jp{kind}": _JIS for kind in ("", "-1", "-2", "-3", "-ms", "-ext")},
    "cp936": "gb18030",
    "gbk": "gb18030",
    "hz-gb-2312": "hz",
    "iso-2022-kr": "iso2022_kr",
    "big5": "big5hkscs",
    "euc-kr": "cp949",
    "utf8mb4": "utf-8",
    "chinesebig5": "big5hkscs",
    "eucjp": "euc_jp",
    "ms936": "gb18030",
    "utf-7": "utf-7",
    "unicode-1-1-utf-7": "utf-7",
}
_OF_WINDOWS = re.compile(r"(?:win|windows|cp)[-_]?(125\d|874)")
_OF_JAVA = re.compile(r"\A(?:iso)?8859_(?=\d)")
_VISCII = frozenset({"viscii", "csviscii"})
# Bytes beyond ASCII prove these labels wrong.
_ASCII = frozenset({"ascii", "us-ascii", "ansi_x3.4-1968"})
_BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")


def decode(raw: bytes, charset: str = "") -> str:
    """Text without NULs and lone surrogates: by the label as browsers read it, else as UTF-8, else by a guess.

    >>> decode(b"\\x82\\xa0", "x-sjis"), decode("Привет, Анна".encode("koi8-r"))
    ('あ', 'Привет, Анна')
    """
    for mark, marked in _BYTE_ORDER_MARKS.items():
        if raw.startswith(mark) and (text := _strictly(raw, marked)):
            return clean(text)  # It counts more than any label.
    label = charset.strip(" \t\r\n\"'").lower()
    if raw.isascii() and label in ("", "utf-8", *_ASCII):
        return clean(raw.decode("ascii"))
    if label in _VISCII:
        return clean(from_viscii(raw))
    codec = None if label in _ASCII else _codec_of(label)
    if codec and (text := _strictly(raw, codec)):
        return clean(text)
    if codec == _JIS and b"\x1b" in raw:
        return clean(from_jis(raw))
    if text := _strictly(raw, "utf-8"):
        return clean(text)
    by_label = raw.decode(codec, "replace") if codec else ""
    # A text that was cut in the middle of a letter is not in another charset.
    is_nearly_right = by_label and by_label.count("\ufffd") * 50 <= len(by_label)
    return clean(by_label if is_nearly_right else raw.decode(guessed_codec(raw), "replace"))


def clean(text: str) -> str:
    return _FORBIDDEN.sub("", text)


def _codec_of(label: str) -> str | None:
    """Never a codec of Python by a sender's name for it: some are no charset, and some take quadratic time."""
    if found := _OF_WINDOWS.fullmatch(label):
        return f"cp{found[1]}"
    label = _OF_JAVA.sub("iso-8859-", label)
    encoding = webencodings.lookup(label)
    name = encoding.name if encoding else label
    if encoding is None or name == "replacement":
        return _CODECS.get(label)
    if name == "x-user-defined":
        return None
    return _CODECS.get(name) or str(encoding.codec_info.name)


def _may_be_utf_16(raw: bytes) -> bool:
    """No text of another charset holds such control characters; without any it must be no UTF-8."""
    return bool(_CONTROL.search(raw)) or _strictly(raw, "utf-8") is None


def _strictly(raw: bytes, codec: str) -> str | None:
    if codec.startswith("utf-16") and not _may_be_utf_16(raw):
        return None
    try:
        return raw.decode(codec)
    except ValueError:
        return None
