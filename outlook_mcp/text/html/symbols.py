"""Letters of symbol fonts, which stand for pictures: Outlook writes a smile as J in Wingdings.

Sources: the tables of Wingdings, Webdings and Symbol beside the Unicode proposals L2/12-368 and L2/11-344.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

_FONT = re.compile(r"\b(wingdings(?: ?[23])?|webdings|symbol)\b", re.I)
# Text in such a font that is longer was hardly meant to be pictures.
_LONGEST = 3

_WINGDINGS = {
    **dict(zip('!"()*+6CDEFGHJKLMNQRTVY', "✏✂☎✆✉✉⌛👍👎☜☞☝☟☺😐☹💣☠✈☼❄✞✡", strict=True)),
    **dict(zip("lmnopqrstuvwx", "●❍■□❐❑❒⬧⧫◆❖⬥⌧", strict=True)),
    **dict(zip("\x9f\xa1\xa7\xa8\xab\xaf\xb2\xb6\xd8", "•○▪◻★✶✧✪➢", strict=True)),
    **dict(zip("\xdf\xe0\xe1\xe2\xe8\xef\xf0\xf1\xf2", "←→↑↓➔⇦⇨⇧⇩", strict=True)),
    **dict(zip("\xfb\xfc\xfd\xfe", "✘✔☒☑", strict=True)),
}
_WINGDINGS_2 = dict(zip("OPQRST\x97\x98", "✖✔☒☑☒☒•●", strict=True))
_WINGDINGS_3 = dict(zip("fghi\x81\x84", "←→↑↓▶◀", strict=True))
_WEBDINGS = dict(zip("456<=@ar\x93", "▶▲▼🗎🗎✎✔✖🎧", strict=True))
_SYMBOL = {
    **dict(zip("ABCDEFGHIKLMNOPQRSTUWXYZ", "ΑΒΧΔΕΦΓΗΙΚΛΜΝΟΠΘΡΣΤΥΩΞΨΖ", strict=True)),
    **dict(zip("abcdefghijklmnopqrstuvwxyz", "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True)),
    **dict(zip("\xa3\xa5\xa8\xab\xac\xad\xae\xaf\xb1\xb3\xb4\xb7\xb9\xbb", "≤∞♦↔←↑→↓±≥×•≠≈", strict=True)),
    **dict(zip("\xd0\xd6\xd7\xde\xe5\xf2", "∠√⋅⇒∑∫", strict=True)),
}
_FONTS = {
    "wingdings": _WINGDINGS,
    "wingdings2": _WINGDINGS_2,
    "wingdings3": _WINGDINGS_3,
    "webdings": _WEBDINGS,
    "symbol": _SYMBOL,
}
# Programs also write these letters as characters of private use.
_PRIVATE_USE = 0xF000
_TABLES = {
    name: {ord(letter) + offset: sign for letter, sign in letters.items() for offset in (0, _PRIVATE_USE)}
    for name, letters in _FONTS.items()
}
Signs = Mapping[int, str]


@lru_cache(maxsize=1024)
def symbols_of(font: str) -> Signs | None:
    """What the letters of a symbol font show, if the style or name of a font names one; else None.

    >>> symbols_of("font-family:Wingdings;color:red")[ord("J")], symbols_of("Arial")
    ('☺', None)
    """
    found = _FONT.search(font)
    return _TABLES[found[1].lower().replace(" ", "")] if found else None


def as_symbols(text: str, signs: Signs) -> str:
    """The text as its font shows it.

    >>> as_symbols(" J ", symbols_of("Wingdings")), as_symbols("June", symbols_of("Wingdings"))
    (' ☺ ', 'June')
    """
    return text.translate(signs) if len(text.strip()) <= _LONGEST else text
