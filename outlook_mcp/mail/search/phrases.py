"""Values of callers as quoted phrases of KQL, in which no operator has a meaning."""

from __future__ import annotations

import re
import unicodedata

_DOUBLE_QUOTES = re.compile("[“”„‟«»＂]")
# Quotes, backslashes and stars have no escape inside a KQL phrase.
_NOT_IN_PHRASE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\"\\*]+")
_WORD = re.compile(r"\w")


def phrase_of(value: str) -> str:
    """The words of `value`, without what a KQL phrase cannot hold; "" when there is none.

    Letters that a Mac writes as a base and its accent are single ones, as in most mail.

    >>> phrase_of('Q4 "budget" OR x*'), phrase_of("Jo\u0308rg")
    ('Q4 budget OR x', 'Jörg')
    """
    composed = unicodedata.normalize("NFC", value)
    phrase = _NOT_IN_PHRASE.sub(" ", straight_quotes(composed).replace('"', " ")).strip()
    return phrase if _WORD.search(phrase) else ""


def straight_quotes(text: str) -> str:
    """Typographic double quotes as `"`, for which KQL takes them."""
    return _DOUBLE_QUOTES.sub('"', text)


def quoted(phrase: str) -> str:
    """A phrase of `phrase_of` in the escaped quotes that it has inside `$search="..."`."""
    return f'\\"{phrase}\\"'
