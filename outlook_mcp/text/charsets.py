"""In which charset bytes are read: labels as browsers read them, from a fixed list, and what to do without one.

Labels come from senders. They are looked up in the table of the WHATWG Encoding Standard, which the package
`webencodings` brings (iso-8859-1 is windows-1252 there, gb2312 is GBK), and never given to Python, whose codecs are
also such as punycode, which takes quadratic time.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass

from webencodings.labels import LABELS

from outlook_mcp.text.viscii import from_viscii

_VISCII = "viscii"
_UTF_7 = "utf-7"
_PAGES_OF_DOS = (437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 865, 869)
_PAGES_OF_EBCDIC = ("037", "273", "500", "1026", "1140")
# Microsoft's names of its code pages 10006 to 10082.
_OF_MAC = {
    "ce": "latin2",
    "greek": "greek",
    "turkish": "turkish",
    "icelandic": "iceland",
    "croatian": "croatian",
    "romanian": "romanian",
}
# Python's codec for each charset of the standard. What is not here is not read: x-user-defined, replacement.
CODECS = {
    "utf-8": "utf-8",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "ibm866": "cp866",
    **{f"iso-8859-{number}": f"iso8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    "iso-8859-8-i": "iso8859-8",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
    "macintosh": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    **{f"windows-{number}": f"cp{number}" for number in (874, *range(1250, 1259))},
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    # Not in the standard, but in mail; names of IANA's registry.
    **{f"ibm{page}": f"cp{page}" for page in (*_PAGES_OF_DOS, *_PAGES_OF_EBCDIC)},
    **{f"x-mac-{kind}": f"mac-{codec}" for kind, codec in _OF_MAC.items()},
    "iso-2022-kr": "iso2022_kr",
    "hz-gb-2312": "hz",
    _VISCII: "",
    _UTF_7: _UTF_7,
}
# Labels that programs write in mail and browsers do not know.
_MORE_LABELS = {
    "cspc8codepage437": "ibm437",
    "x-mac-centraleurroman": "x-mac-ce",
    **dict.fromkeys(("utf-7", "utf7", "unicode-1-1-utf-7", "csunicode11utf7"), _UTF_7),
    "cp932": "shift_jis",
    "cp936": "gbk",
    "cp949": "euc-kr",
    "cp950": "big5",
    **{f"iso-2022-jp-{kind}": "iso-2022-jp" for kind in ("1", "2", "3", "ext", "ms")},
    **{f"cp5022{number}": "iso-2022-jp" for number in range(3)},
    "iso-2022-kr": "iso-2022-kr",
    "hz-gb-2312": "hz-gb-2312",
    "chinesebig5": "big5",
    "viscii": _VISCII,
    "csviscii": _VISCII,
    "utf8mb4": "utf-8",
    "eucjp": "euc-jp",
    "ms936": "gbk",
    # As Java writes them.
    **{
        f"{prefix}8859_{label.removeprefix('iso-8859-')}": charset
        for label, charset in LABELS.items()
        if label.startswith("iso-8859-")
        for prefix in ("", "iso")
    },
}
_OF_WINDOWS = re.compile(r"^(?:win|windows|cp)[-_]?(125\d|874)$")
# Aliases of IANA's registry and of programs for code pages, such as cspc850multilingual, IBM00858 and cp-852.
_OF_IBM = re.compile(
    r"^(?:cs)?(?:ibm|cp|pc|pcp|ccsid|dos)?[-_]?0{0,2}((?:0|1)?\d{3})(?:multilingual|baltic)?$", re.ASCII
)
_LONGEST_LABEL = 40
# Bytes beyond ASCII prove these labels wrong; browsers read them as windows-1252.
_ASCII = frozenset({"ascii", "us-ascii", "ansi_x3.4-1968"})
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
)
_JIS_ESCAPE = re.compile(rb"\x1b(\$@|\$B|\(B|\(J|\(I)")
_UNKNOWN = "\ufffd"
DEFAULT = "windows-1252"
# Browsers look for it in the first 1,024 bytes.
_IN_HTML = re.compile(rb"""<(?:meta\b[^>]*?\bcharset|\?xml\b[^>]*?\bencoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I)

Guess = Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text, the name of the charset it was read in, and whether that charset is only a guess."""

    text: str
    charset: str
    is_guess: bool = False


def charset_named(label: str | None) -> str | None:
    """The charset that browsers read for a label; None for an unknown one.

    >>> charset_named("ISO-8859-1"), charset_named("ks_c_5601-1987"), charset_named("punycode")
    ('windows-1252', 'euc-kr', None)
    """
    known = (label or "").strip(" \t\r\n\f\"';").lower()
    known = _OF_WINDOWS.sub(r"windows-\1", known[:_LONGEST_LABEL])
    charset = _MORE_LABELS.get(known) or LABELS.get(known) or _OF_IBM.sub(r"ibm\1", known)
    return charset if charset in CODECS else None


def label_in_html(raw: bytes) -> str | None:
    """The label that a document of HTML or XML gives itself, as far as it can be true; None if there is none.

    >>> label_in_html(b'<html><meta charset="koi8-r">')
    'koi8-r'
    """
    found = _IN_HTML.search(raw, 0, 1024)
    label = found[1].decode("ascii", "ignore") if found else None
    # A label that can be read in ASCII does not stand in UTF-16.
    return "utf-8" if (charset_named(label) or "").startswith("utf-16") else label


def decoded(raw: bytes, label: str | None = None) -> DecodedText | None:
    """By a byte order mark, the label if it fits, or as UTF-8 if that fits. None when the charset has to be guessed.

    >>> decoded(b"don\\x92t", "iso-8859-1")
    DecodedText(text='don’t', charset='windows-1252', is_guess=False)
    """
    for mark, codec, name in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return DecodedText(raw.decode(codec, "replace"), name)
    charset = charset_named(label)
    is_ascii = raw.isascii()
    is_western = charset is not None and charset.startswith(("windows-125", "iso-8859-"))
    if is_western and not is_ascii and (text := _as_utf_8(raw)) is not None:
        return DecodedText(text, "utf-8")  # Many programs write UTF-8 and call it Latin-1, never the other way round.
    if charset and (is_ascii or (label or "").strip().lower() not in _ASCII):
        text = _text_in(raw, charset)
        # A text that was cut in the middle of a letter is not in another charset.
        if text.count(_UNKNOWN) * 50 <= len(text):
            return DecodedText(text, charset)
    if _JIS_ESCAPE.search(raw, 0, 100_000) and b"\x1b$" in raw and is_ascii:
        return DecodedText(_text_in(raw, "iso-2022-jp"), "iso-2022-jp", is_guess=True)
    if is_ascii and b"\x00" not in raw[:1000]:
        return DecodedText(raw.decode("ascii"), "utf-8")
    if b"\x00" not in raw[:1000] and (text := _as_utf_8(raw)) is not None:
        return DecodedText(text, "utf-8")
    return None


def decoded_by_guess(raw: bytes, label: str | None, guess: Guess) -> DecodedText:
    """As `decoded`, and by the charset that `guess` names where that is not enough."""
    found = decoded(raw, label)
    if found is not None:
        return found
    charset = guess(raw)
    return DecodedText(_text_in(raw, charset), charset, is_guess=True)


def _as_utf_8(raw: bytes) -> str | None:
    """None if it is not UTF-8; a few broken letters among many whole ones do not matter."""
    text = raw.decode("utf-8", "replace")
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    broken = text.count(_UNKNOWN)
    if broken == beyond_ascii > 0:
        return None
    # A text that was cut may end in the middle of a letter.
    broken -= text.endswith(_UNKNOWN)
    return None if broken * 20 > beyond_ascii else text


def _text_in(raw: bytes, charset: str) -> str:
    if charset == _VISCII:
        return from_viscii(raw)
    try:
        text = raw.decode(CODECS[charset])
    except UnicodeDecodeError:
        return (
            _from_jis(raw) if charset == "iso-2022-jp" else raw.decode(CODECS[charset], _ERRORS.get(charset, "replace"))
        )
    # UTF-7 can name halves of a pair of surrogates, which are no characters.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if charset == _UTF_7 else text


def _euro_or_unknown(error: UnicodeError) -> tuple[str, int]:
    """The byte that is a euro sign in the GBK of Windows and browsers, and nothing in Python's."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return ("€" if error.object[error.start] == 0x80 else _UNKNOWN), error.start + 1


codecs.register_error("outlook_mcp.euro", _euro_or_unknown)
_ERRORS = dict.fromkeys(("gbk", "gb18030"), "outlook_mcp.euro")


def _from_jis(raw: bytes) -> str:
    """ISO-2022-JP with the signs of Windows such as circled numbers, which Python's own codec refuses."""
    first, *rest = _JIS_ESCAPE.split(raw)
    pieces = [first.decode("ascii", "replace")]
    for escape, part in zip(rest[::2], rest[1::2], strict=True):
        if escape.startswith(b"$"):
            pairs = zip(part[::2], part[1::2], strict=False)
            pieces.append(b"".join(_in_shift_jis(first, second) for first, second in pairs).decode("cp932", "replace"))
        elif escape == b"(I":
            pieces.append(bytes(byte | 0x80 for byte in part).decode("cp932", "replace"))
        else:
            pieces.append(part.decode("ascii", "replace"))
    return "".join(pieces)


def _in_shift_jis(first: int, second: int) -> bytes:
    """Both write the same table of 94 rows and 94 columns (JIS X 0208, appendix 1)."""
    if not (0x21 <= first <= 0x7E and 0x21 <= second <= 0x7E):
        return b"?"
    lead = (first + 1 >> 1) + (0x70 if first < 0x5F else 0xB0)
    trail = second + (0x7E if not first % 2 else 0x1F if second < 0x60 else 0x20)
    return bytes((lead, trail))
