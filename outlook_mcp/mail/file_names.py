"""Names of files from senders, made harmless on every system."""

from __future__ import annotations

import re
import unicodedata

# Not allowed in names on Windows; the slash nowhere.
_FORBIDDEN = frozenset('<>:"/\\|?*')
# Devices of Windows, with any ending: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICE = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9])\s*", re.I)
# Control, format and private characters, and those of no text at all; spaces that end lines.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# File systems count bytes, most of them up to 255; a number and `.part` may be added.
_MOST_BYTES = 180
_MOST_OF_ENDING = 20
_UNNAMED = "attachment"


def safe_name(name: str) -> str:
    """The name as one plain part of a path: no separators in any disguise, no device, not hidden, not too long.

    >>> safe_name("../../.bashrc"), safe_name("CON.txt"), safe_name("a\\u202efdp.exe"), safe_name(" ")
    ('_.._.bashrc', '_CON.txt', 'afdp.exe', 'attachment')
    """
    letters = "".join(map(_safe_letter, unicodedata.normalize("NFC", name)))
    found = " ".join(letters.split()).lstrip(". ").rstrip(". ")
    if found.startswith(("-", "~")):
        found = f"_{found[1:]}"
    if _DEVICE.fullmatch(unicodedata.normalize("NFKC", found.partition(".")[0])):
        found = f"_{found}"
    return _shortened(found) or _UNNAMED


def _safe_letter(letter: str) -> str:
    if letter.isspace():
        return " "
    if unicodedata.category(letter) in _INVISIBLE:
        return ""
    # Some letters are another form of a separator, and some file systems take them for it.
    return "_" if _FORBIDDEN & set(unicodedata.normalize("NFKC", letter)) else letter


def _shortened(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > _MOST_OF_ENDING:
        stem, dot, ending = name, "", ""
    most = _MOST_BYTES - len(f"{dot}{ending}".encode())
    if len(stem.encode()) > most:
        stem = stem.encode()[:most].decode("utf-8", "ignore").rstrip(". ")
    return f"{stem}{dot}{ending}"
