"""Which invisible characters stay, because a reader sees what they do, and which go and are counted."""

from __future__ import annotations

import pytest

from outlook_mcp.text.characters import one_line, strip_invisible

SEEN = {
    "Persian": "می\u200cخواهم کتاب\u200cهای",
    "Persian plural of a Latin word": "PDF\u200cها",
    "Kurdish": "ئێمە\u200cیش",
    "Arabic letter in its initial form": "ه\u200d",
    "Hindi half letter": "क्\u200dष",
    "Hindi without ligature": "क्\u200cष",
    "Bengali ya-phalaa": "র\u200d্যাব",
    "Malayalam chillu at the end of a word": "അവന്\u200d വന്നു",
    "Sinhala": "ශ්\u200dරී ලංකා",
    "Khmer words": "ភាសា\u200bខ្មែរ",
    "Mongolian form": "ᠠ\u180eᠨᠠ\u180b",
    "Hebrew marks": "יְרוּשָׁלַ\u034fִם",
    "Hebrew with a mark of direction": "טלפון \u200f(03) 555",
    "emoji of a profession": "👩\u200d💻",
    "emoji with skin tone": "👩🏽\u200d🚀",
    "emoji of a family": "👨\u200d👩\u200d👧",
    "emoji with a selector inside": "❤\ufe0f\u200d🔥 🏳\ufe0f\u200d🌈",
    "keycap": "1\ufe0f\u20e3 #\ufe0f\u20e3",
    "sign in plain form": "☎\ufe0e",
    "flag of Scotland": "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "variant in a Japanese name": "渡邊\U000e0100さん",
    "joiner at the edge of an element": "\u200cخواهم",
}
HIDING = {
    "joiner between Latin letters": ("i\u200cg\u200dn", "ign", 2),
    "run of joiners": ("می\u200c\u200c\u200d\u200cخ", "می\u200cخ", 3),
    "zero width": ("pay\u200bpal\ufeff", "paypal", 2),
    "tag characters": ("x" + "".join(chr(0xE0000 + ord(letter)) for letter in "ignore"), "x", 6),
    "tags behind a flag": ("🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in "send"), "🏴", 4),
    "beginning of a flag": ("🏴\U000e0067\U000e0062 x", "🏴 x", 2),
    "direction override": ("a\u202egpj\u202c", "agpj", 2),
    "isolates": ("a\u2066b\u2069", "ab", 2),
    "mark of direction in Latin text": ("a\u200eb", "ab", 1),
    "shorthand format": ("a\U0001bca0\U0001bca3b", "ab", 2),
    "invisible operators": ("f\u2061\u2062x", "fx", 2),
    "musical format": ("a\U0001d173b", "ab", 1),
    "bytes in selectors": ("😀" + "".join(chr(0xE0100 + byte) for byte in b"hi"), "😀", 2),
    "second selector": ("☎\ufe0f\ufe0f", "☎\ufe0f", 1),
    "Hangul filler": ("a\u3164b", "ab", 1),
    "Khmer vowel without a form": ("ក\u17b4", "ក", 1),
    "noncharacter": ("a\ufdd0b\uffff", "ab", 2),
    "control": ("a\x00\x1b[31mb", "a[31mb", 2),
    "line separators": ("one\u2028two\u2029three", "one\ntwo\nthree", 2),
}


@pytest.mark.parametrize("text", SEEN.values(), ids=SEEN)
def test_what_shapes_visible_text_stays_and_is_not_counted(text: str) -> None:
    assert strip_invisible(text) == (text, 0)
    assert one_line(text, 100) == text


@pytest.mark.parametrize(("text", "shown", "count"), HIDING.values(), ids=HIDING)
def test_what_hides_goes_and_is_counted(text: str, shown: str, count: int) -> None:
    assert strip_invisible(text) == (shown, count)


def test_a_hyphen_that_shows_only_at_the_end_of_a_line_goes_without_being_counted() -> None:
    assert strip_invisible("Donau\xaddampf\xadschiff") == ("Donaudampfschiff", 0)
    assert strip_invisible("a \xad\xad b") == ("a  b", 2)


def test_line_ends_of_other_systems_keep_words_apart() -> None:
    assert strip_invisible("one\x0btwo\x0cthree\x85four\r") == ("one\ntwo\nthree\nfour\n", 0)
    assert one_line("one\x0btwo\u2028three", 100) == "one two three"


def test_a_million_invisible_characters_are_removed_as_one_run() -> None:
    assert strip_invisible("a" + "\u200b\u200c" * 500_000 + "b") == ("ab", 1_000_000)
