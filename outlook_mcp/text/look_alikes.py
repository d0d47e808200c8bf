"""Addresses that look like others to a person: letters of several scripts in one word, and letters that look alike.

Unicode Technical Standard 39, https://www.unicode.org/reports/tr39/.
"""

from __future__ import annotations

import re
import unicodedata

from outlook_mcp.text.characters import strip_invisible
from outlook_mcp.text.invisible import MAY_BE_INVISIBLE

# Of the confusables of Unicode 15.1 those that an address can hold after NFKC and in small letters: what looks like a
# small Latin letter or a digit. Added are k, t and m of Greek and Cyrillic, the kra, the palochka, which fonts draw as
# l, and small capitals. Each word is a letter and its doubles. Libraries hold the whole table, in 6 MB of memory. The
# data is of Unicode Inc., under the Unicode License V3.
_DOUBLES = """
aɑαаᴀ bᏏᑲᖯьƅʙ cсᴄⲥ𐐽 dԁᏧᑯꓒᴅ eеҽꬲᴇ fքẝꞙꬵꜰ gƍɡցᶃɢ hһհᏂʜ iıɩɪιіᎥꙇ𑣃 jϳјᴊ l1ӏʟǀוןا١۱ߊᛁⵏꓲ𐊊𐌉𐌠𖼨𞣇 nոռɴ
o0οоσօסه٥ھہە۵०੦૦௦౦೦ഠ൦๐໐ဝ၀ჿᴏᴑⲟꬽ𐐬𐓪𑣈𑣗߀০ଠ୦ዐⵔ〇ꓳ𐊒𐊫𐔖𑓐𑣠 pρрⲣᴘ qԛգզ rгᴦⲅꭇꭈʀ sƽѕꜱ𐑈𑣁 uʋυսᴜꞟꭎꭒ𐓶𑣘
vνѵטᴠ𑜆𑣀 wɯѡԝաᴡ𑜊𑜎𑜏 xхᕁᕽ yɣʏγуүყᶌỿꭚ𑣜 zᴢ𑣄 2ᒿꛯ 3𑣊𖼻 4Ꮞ 6бᏮ𑣕 7𑣆 8ȣ৪੪𐌚𞣋 9৭੧୨൭𑣌𑣖 kκкĸᴋ tτтᴛ mмᴍ𑜀𑣣
"""
_LETTER_OF = {double: group[0] for group in _DOUBLES.split() for double in group}
_LIGATURES = {"æ": "ae", "ӕ": "ae", "œ": "oe", "ꜳ": "aa", "ʦ": "ts", "ʣ": "dz", "ǁ": "ll", "װ": "ll"}
# Apostrophes and dashes, which names before the @ may hold.
_MARKS = {mark: plain for plain, marks in (("'", "‘’ʼʹ′"), ("-", "‐‑‒–—−")) for mark in marks}
_PLAIN = str.maketrans(_LETTER_OF | _LIGATURES | _MARKS)
# Words of these scripts are written together; each may stand with Latin letters (TR39, 5.2, Highly Restrictive).
_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
# A dot above a letter that has one shows nothing, and one above a small l makes it an i to the eye.
_DOTS = re.compile("(?<=[ijl])\u0307")
# Braille without a dot: no space and no invisible letter to Unicode, and nothing to the eye.
_BLANK = "\u2800"
_LABELS = re.compile(r"[.@_+\-]")
_IMITATING = re.compile(r"[^\x00-\x7f]|xn--|[01]|rn|vv")


def mixed_label(address: str) -> str:
    """The first part between dots whose letters are of scripts that are not written together; "" if there is none.

    >>> mixed_label("bob@p\\u0430ypal.example"), mixed_label("bob@bücher.example"), mixed_label("почта@пример.example")
    ('p\\u0430ypal', '', '')
    """
    if address.isascii():
        return ""
    for label in _LABELS.split(unicodedata.normalize("NFKC", address)):
        scripts = {script for letter in label if (script := _script(letter))}
        if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
            return label
    return ""


def deception(address: str) -> str:
    """What keeps people from reading an address as it is; "" for one that they can read.

    >>> deception("bo\\u200bb@contoso.example"), deception('"bob@contoso.example"@evil.example')
    ('it has characters that nobody can see', 'it reads as two addresses')
    """
    if strip_invisible(address)[0] != address or not address.isprintable() or _BLANK in address:
        return "it has characters that nobody can see"
    # An address of Exchange may have no @ at all.
    return "it reads as two addresses" if unicodedata.normalize("NFKC", address).count("@") > 1 else ""


def skeleton(address: str) -> str:
    """One text for all addresses that look alike; it is no address itself.

    >>> skeleton("bob@paypa1.example") == skeleton("BOB@p\\u0430ypal.example") == skeleton("bob@paypal.example")
    True
    >>> skeleton("a@rnodern.example") == skeleton("a@modern.example")
    True
    """
    shown = unicodedata.normalize("NFKC", address).replace(_BLANK, "")
    # Folded, since letters that are written as two, such as the sharp s, may stand in another domain than those two.
    folded = MAY_BE_INVISIBLE.sub("", shown).casefold().translate(_PLAIN)
    return unicodedata.normalize("NFD", _DOTS.sub("", folded).replace("rn", "m").replace("vv", "w"))


def decoded(address: str) -> str:
    """The address with what stands in `xn--` labels (RFC 3492) as people read it.

    >>> decoded("bob@xn--bcher-kva.example")
    'bob@bücher.example'
    """
    return ".".join(map(_decoded_label, address.split("."))) if "xn--" in address.lower() else address


def may_imitate(address: str) -> bool:
    """Whether an address has a letter that is used to imitate others.

    >>> may_imitate("bob@paypa1.example"), may_imitate("bob@paypaI.example"), may_imitate("bob@contoso.example")
    (True, True, False)
    """
    return "I" in address or _IMITATING.search(address.lower()) is not None


def _decoded_label(label: str) -> str:
    before, mark, encoded = label.lower().rpartition("xn--")
    if not mark or (before and not before.endswith("@")):
        return label
    try:
        read = encoded.encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label
    # Plain letters have no such form (RFC 5890, 2.3.2.1): it is another domain than the one without.
    return label if read.isascii() else before + read


def _script(letter: str) -> str:
    """Of a letter; "" for what is used in all scripts, such as digits."""
    if not unicodedata.category(letter).startswith("L"):
        return ""
    script = unicodedata.name(letter, "").partition(" ")[0].partition("-")[0]
    return "" if script in ("MODIFIER", "FEMININE", "MASCULINE") else "CJK" if script == "IDEOGRAPHIC" else script
