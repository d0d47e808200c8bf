"""A guess at the charset of bytes that nobody labelled, by the words and letters that each charset makes of them.

Where neither tells, a library is asked; it alone takes short texts for the wrong one of several neighbours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from charset_normalizer import from_bytes

_SAMPLE = 20_000
_DEFAULT = "cp1252"
# Earlier ones win where several fit equally well. The second is a charset in whose first rows the common signs stand.
_FOREIGN = (
    ("cp1255", ""),
    ("cp1251", ""),
    ("koi8-r", ""),
    ("cp866", ""),
    ("cp1253", ""),
    ("cp1256", ""),
    ("euc_jp", "euc_jp"),
    ("cp949", "euc_kr"),
    ("gb18030", "gb2312"),
    ("cp932", "euc_jp"),
    ("big5hkscs", "big5"),
    ("cp874", ""),
)
# The letters beyond A to Z of some languages of each charset; earlier ones win.
_CENTRAL = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíľĺňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž")
_LATIN = (
    ("cp1252", ("äöüß", "àâæçéèêëîïôœùûü", "áéíñóúüçãâàêõô", "àèéìíîòóùú", "åäöéæøèôê", "áðéíóúýþæö", "ëïéèöüáóíú")),
    ("cp1250", _CENTRAL),
    ("iso8859-2", _CENTRAL),
    ("cp1254", ("çğıöşüâîû\u0307",)),
    ("cp1257", ("äöõüšž", "āčēģīķļņšūž", "ąčęėįšųūž")),
)
_LAST_COMMON = {"euc_jp": 0xCF, "gb2312": 0xD7, "big5": 0xC6, "euc_kr": 0xC8}
# So few letters fit several charsets: then the rarer ones count less.
_FEW = 8
_RARER = {
    "koi8-r": 0.95,
    "cp1255": 0.95,
    "cp1256": 0.95,
    "gb18030": 0.95,
    "big5hkscs": 0.94,
    "cp949": 0.96,
    "cp874": 0.9,
}
_TAG = re.compile(rb"<[^<>]{0,1000}>")
_ASCII_LETTER = re.compile(rb"[A-Za-z]")
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
# Vowel signs of Thai are marks, not letters.
_WORD = re.compile(r"(?:[^\W\d_]|[\u0e30-\u0e4e])+")
_KANA = re.compile("[\u3041-\u30ff]")
_JAPANESE = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"})
_SIGNS = frozenset("€£¥§°«»‹›“”„‘’‚–—…•·©®™¿¡½¼¾№\xa0\xad´¨ªº、。，．：；！？（）「」『』・ー～《》【】،؟ๆฯ")
# A vowel sign of Thai before a consonant has one behind it; others, and tones, follow one.
_NO_THAI = re.compile(r"[\u0e40-\u0e44](?![\u0e01-\u0e2e])|(?<![\u0e01-\u0e4e])[\u0e30-\u0e3a\u0e45-\u0e4e]")
_THAI_SIGNS = re.compile(r"[\u0e30-\u0e4e]")
_SIGN_IN_A_WORD = re.compile(r"[^\W\d_][±¶¦]|[±¶¦][^\W\d_]")
_FINAL_HEBREW = re.compile("[ךםןףץ](?=[א-ת])")
_ENOUGH = 0.8


def guessed_codec(raw: bytes) -> str:
    """The codec whose text looks most like words; windows-1252 when nothing tells."""
    sample = _TAG.sub(b" ", raw[:_SAMPLE])
    if len(_HIGH_BYTE.findall(sample)) >= max(2, len(_ASCII_LETTER.findall(sample))):
        scores = {codec: _score(sample, codec, common) for codec, common in _FOREIGN}
        best = max(scores, key=lambda codec: scores[codec])
        if scores[best] >= _ENOUGH:
            return best
    if latin := next(_latin(sample), None):
        return latin
    found = from_bytes(sample, cp_isolation=[*(codec for codec, _ in (*_LATIN, *_FOREIGN))]).best()
    return str(found.encoding) if found else _DEFAULT


def _latin(sample: bytes) -> Iterator[str]:
    for codec, alphabets in _LATIN:
        text = sample.decode(codec, "replace").lower()
        if _SIGN_IN_A_WORD.search(text):
            continue
        letters = set(text)
        beyond = {letter for letter in letters if letter > "\x7f"} - _SIGNS
        if any(beyond <= set(alphabet) for alphabet in alphabets):
            yield codec


def _score(sample: bytes, codec: str, common: str) -> float:
    """The share of letters beyond ASCII that stand in words as this charset's languages write them; at most 1."""
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 4:
            return 0.0
        text = sample[: error.start].decode(codec)
    if common == "euc_jp" and not _KANA.search(text):
        return 0.0
    beyond = sum(letter > "\x7f" and letter not in _SIGNS for letter in text)
    signs = sum(letter in _SIGNS for letter in text)
    good = sum(_good_letters(word, common) for word in _WORD.findall(text) if not word.isascii())
    share = good / (beyond + max(0, signs - beyond)) if beyond else 0.0
    return min(share, 1.0) * (_RARER.get(codec, 1.0) if beyond < _FEW else 1.0)


def _good_letters(word: str, common: str) -> float:
    scripts = {_script(letter) for letter in word}
    if common:
        is_mixed = scripts != {"HANGUL"} if common == "euc_kr" else not scripts <= _JAPANESE
        return 0 if is_mixed else sum(_is_common(letter, common) for letter in word)
    if len(scripts) > 1 or "LATIN" in scripts or scripts & _JAPANESE:
        return 0
    if scripts == {"THAI"} and (_NO_THAI.search(word) or len(_THAI_SIGNS.findall(word)) * 8 < len(word)):
        return 0
    has_odd_case = word.upper() != word and word[1:].lower() != word[1:]
    if has_odd_case or _FINAL_HEBREW.search(word):
        return 0
    is_shouted = len(word) > 1 and word.lower() != word == word.upper()
    return len(word) * (0.97 if is_shouted else 1)


def _is_common(letter: str, charset: str) -> bool:
    if _script(letter) in ("HIRAGANA", "KATAKANA"):
        return charset == "euc_jp"
    try:
        encoded = letter.encode(charset)
    except UnicodeEncodeError:
        return False
    return len(encoded) == 2 and encoded[0] <= _LAST_COMMON[charset]


@cache
def _script(letter: str) -> str:
    """The first word of the Unicode name, such as CYRILLIC."""
    return unicodedata.name(letter, "?").split()[0]
