"""Names of people compared by their words."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """The words in small letters without accents, in their order.

    >>> words_of("Größe, Jürgen_2")
    ['grosse', 'jurgen', '2']
    """
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return _WORD.findall(plain.casefold().replace("_", " "))


def written_words(text: str) -> list[str]:
    """The words as they are written, for a search that compares letters in its own way.

    >>> written_words('Größe, "Jürgen" OR *')
    ['Größe', 'Jürgen', 'OR']
    """
    return _WORD.findall(unicodedata.normalize("NFC", text))


def is_called(name: str | None, address: str | None, wanted: str) -> bool:
    """Whether every word of `wanted` is one of the person's name, or of what stands before the `@`.

    Where no spaces part words, the whole name may be written with some or without.

    >>> is_called("Bob Brandt", "bob@contoso.example", "brandt"), is_called("Bob Brandt", "bob@contoso.example", "bo")
    (True, False)
    >>> is_called("山田 太郎", None, "山田太郎"), is_called("Bob Brandt", None, "obbrandt")
    (True, False)
    """
    words, words_of_name = words_of(wanted), words_of(name or "")
    local_part = (address or "").partition("@")[0]
    is_whole = "".join(words) == "".join(words_of_name)
    return bool(words) and (is_whole or set(words) <= set(words_of_name) or set(words) <= set(words_of(local_part)))


def begins_words(text: str | None, wanted: str) -> bool:
    """Whether every word of `wanted` begins a word of the text.

    >>> begins_words("Lakeside Dental", "lake dent"), begins_words("Lakeside Dental", "side")
    (True, False)
    """
    known, words = words_of(text or ""), words_of(wanted)
    return bool(words) and all(any(word.startswith(start) for word in known) for start in words)
