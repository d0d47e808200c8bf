"""A guess at the charset of bytes that nobody labelled. Loaded in worker processes alone: its library is large.

charset-normalizer knows many charsets by the texts they give, but takes short texts of a few words for the wrong one of
several neighbours. So what the layout of the bytes proves is told first, and Western charsets by alphabets.
"""

from __future__ import annotations

import re
import unicodedata

from charset_normalizer import from_bytes

from outlook_mcp.text.charsets import CODECS, DEFAULT, charset_named

_SAMPLE = 20_000
_HIGH = re.compile(rb"[\x80-\xff]")
_LATIN_LETTERS = re.compile(rb"[A-Za-z]")
_PAIRS_OF_HIGH_BYTES = re.compile(rb"(?:[\x00-\x7f]|([\xa1-\xfe])[\xa1-\xfe])*[\xa1-\xfe]?")
_CYRILLIC_BYTES = re.compile(rb"[\xa3\xb3\xc0-\xff]")
# The letters beyond A to Z of languages, by the charset of their Windows. Earlier ones win.
_CENTRAL = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíľĺňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž", "ëç")
_WESTERN = (
    *("äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúüïçªº", "ãáâàçéêíõóôúü", "àèéìíîòóùú", "ëïéèöüáóíúê"),
    *("åäöéü", "æøåéòôêü", "áðéíóúýþæö", "áàéèíïóòúüç"),
)
_ALPHABETS = (
    ("windows-1252", _WESTERN),
    ("windows-1250", _CENTRAL),
    ("iso-8859-2", _CENTRAL),
    ("windows-1254", ("çğıöşüâîûi\u0307",)),
    ("windows-1257", ("äöõüšž", "āčēģīķļņšūž", "ąčęėįšųūž")),
    # What old programs of DOS and of the Mac save.
    ("ibm850", _WESTERN),
    ("macintosh", _WESTERN),
)
_SIGNS = frozenset("€£¥§°«»‹›“”„‘’‚–—…•·©®™¿¡×½¼¾²³±µ´¨ªº\xa0\xad")
_SIGN_IN_A_WORD = re.compile(
    r"[^\W\d_]{3}[¹²³]|[^\W\d_][±¶¦‚„]|[¹²³±¶¦][^\W\d_]|[^\W\d_][„”“™¢£¤§¥¡¿©®•‹›«»†‡‰ˆ˜][^\W\d_]"
)
# Shift_JIS: what stands alone in it, its letters of two bytes, and those with a lead that few letters of others have.
_SHIFT_JIS = re.compile(rb"(?:[\x00-\x7f\xa1-\xdf]|[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc])*[\x81-\x9f\xe0-\xfc]?")
_SHIFT_JIS_LETTER = re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[\xa1-\xdf]")
_MANY_LETTERS = 8
# Charsets of one script other than Latin. Earlier ones win, and of few letters those with the higher weight.
_SCRIPTS = {
    "windows-1251": 1.0,
    "windows-1253": 1.0,
    "windows-1255": 0.95,
    "koi8-r": 0.95,
    "windows-1256": 0.95,
    "windows-874": 0.9,
    "ibm866": 0.9,
}
_FEWEST_LETTERS = 4
_WORDS_ENOUGH = 0.8
# Vowel signs of Thai are marks, no letters. One before a consonant has one behind it; others, and tones, follow one.
_WORD = re.compile(r"(?:[^\W\d_]|[\u0e30-\u0e4e])+")
_NO_THAI = re.compile(r"[\u0e40-\u0e44](?![\u0e01-\u0e2e])|(?<![\u0e01-\u0e4e])[\u0e30-\u0e3a\u0e45-\u0e4e]")
_THAI_SIGNS = re.compile(r"[\u0e30-\u0e4e]")
_FINAL_HEBREW = re.compile("[ךםןףץ](?=[א-ת])")


def guessed_charset(raw: bytes) -> str:
    """The name of the charset that fits best; windows-1252 when nothing tells."""
    sample = raw[:_SAMPLE]
    return (
        _by_layout(sample)
        or _by_script(sample)
        or _by_pairs(sample)
        or _western(sample)
        or _by_library(sample)
        or DEFAULT
    )


def _by_layout(sample: bytes) -> str | None:
    if sample and sample.count(b"\x00") * 4 >= len(sample):
        return "utf-16be" if sample[::2].count(b"\x00") > sample[1::2].count(b"\x00") else "utf-16le"
    high = _HIGH.findall(sample)
    if len(high) < max(_MANY_LETTERS, len(_LATIN_LETTERS.findall(sample))):
        return None
    if all(b"\xe0" <= byte <= b"\xfa" for byte in high):
        return "windows-1255"  # Cyrillic has capitals below and letters above these; Hebrew needs no others.
    lower = sum(b"\xc0" <= byte <= b"\xdf" for byte in high)
    if len(_CYRILLIC_BYTES.findall(sample)) == len(high) and lower > 3 * (len(high) - lower):
        return "koi8-r"  # Its small letters stand where windows-1251 has capitals.
    return None


def _by_script(sample: bytes) -> str | None:
    """The charset whose text has the letters beyond ASCII in words as languages write them."""
    high = len(_HIGH.findall(sample))
    if high < max(_FEWEST_LETTERS, len(_LATIN_LETTERS.findall(sample))):
        return None
    scores = {
        charset: _share_in_words(sample.decode(CODECS[charset], "replace")) * (weight if high <= _MANY_LETTERS else 1.0)
        for charset, weight in _SCRIPTS.items()
    }
    best = max(scores, key=lambda charset: scores[charset])
    return best if scores[best] >= _WORDS_ENOUGH else None


def _share_in_words(text: str) -> float:
    """Of the letters and signs beyond ASCII those in words of one script with the usual case; at most 1."""
    beyond = sum(letter > "\x7f" and letter not in _SIGNS for letter in text)
    good = sum(_letters_of_word(word) for word in _WORD.findall(text) if not word.isascii())
    signs = sum(letter in _SIGNS for letter in text)
    return min(1.0, good / (beyond + max(0, signs - beyond // 4))) if beyond else 0.0


def _letters_of_word(word: str) -> float:
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in word}
    if len(scripts) > 1 or scripts & {"LATIN", "?"}:
        return 0
    if scripts == {"THAI"}:
        is_none = _NO_THAI.search(word) or len(_THAI_SIGNS.findall(word)) * 8 < len(word)
        return 0 if is_none else len(word)
    if (word.upper() != word and word[1:].lower() != word[1:]) or _FINAL_HEBREW.search(word):
        return 0
    is_shouted = len(word) > 1 and word.lower() != word == word.upper()
    return len(word) * (0.97 if is_shouted else 1)


def _by_pairs(sample: bytes) -> str | None:
    """Korean, Japanese or Chinese, by the rows of their tables in which common letters stand."""
    if _is_shift_jis(sample):
        return "shift_jis"
    high = _HIGH.findall(sample)
    if len(high) < max(_MANY_LETTERS, len(_LATIN_LETTERS.findall(sample))) or len(high) % 2:
        return None
    if not _PAIRS_OF_HIGH_BYTES.fullmatch(sample):
        return None
    leads = re.findall(rb"([\xa1-\xfe])[\xa1-\xfe]", sample)
    kana = sum(lead in (b"\xa4", b"\xa5") for lead in leads)
    hangul = sum(b"\xb0" <= lead <= b"\xc8" for lead in leads)
    words = sum(lead >= b"\xb0" for lead in leads)
    if kana * 10 >= len(leads):
        return "euc-jp"
    if words and hangul * 10 >= words * 9:
        return "euc-kr"
    return None if _western(sample) else _by_library(sample, "gb18030", "big5hkscs", "euc_jp")


def _is_shift_jis(sample: bytes) -> bool:
    letters = _SHIFT_JIS_LETTER.findall(sample)
    pairs = sum(len(letter) == 2 and letter < b"\xa0" for letter in letters)
    latin = len(_LATIN_LETTERS.findall(_SHIFT_JIS_LETTER.sub(b"", sample)))
    is_most = 2 * pairs > max(len(letters), latin, _FEWEST_LETTERS)
    return is_most and _SHIFT_JIS.fullmatch(sample) is not None


def _western(sample: bytes) -> str | None:
    for charset, alphabets in _ALPHABETS:
        text = sample.decode(CODECS[charset], "replace")
        if "\ufffd" in text or _SIGN_IN_A_WORD.search(text) or _has_capital_within_a_word(text):
            continue
        beyond = {letter for letter in text.lower() if letter > "\x7f"} - _SIGNS
        if any(beyond <= set(alphabet) for alphabet in alphabets):
            return charset
    return None


def _has_capital_within_a_word(text: str) -> bool:
    return any(
        letter > "\x7f" and letter.isupper() and before.islower() and behind.islower()
        for before, letter, behind in zip(text, text[1:], text[2:], strict=False)
    )


def _by_library(sample: bytes, *codecs_allowed: str) -> str | None:
    best = from_bytes(sample, cp_isolation=list(codecs_allowed or _READABLE)).best()
    return charset_named(best.encoding.replace("_", "-")) or _NAMES.get(best.encoding) if best else None


_READABLE = (
    *("cp1251", "cp1250", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874", "koi8_r", "cp866"),
    *("iso8859_2", "iso8859_5", "iso8859_7", "gb18030", "big5hkscs", "cp932", "euc_jp", "cp949"),
)
_NAMES = {
    "big5hkscs": "big5",
    "iso8859_2": "iso-8859-2",
    "iso8859_5": "iso-8859-5",
    "iso8859_7": "iso-8859-7",
    "cp874": "windows-874",
}
