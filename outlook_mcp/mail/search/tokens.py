"""The text of a search as tokens, with notes on what was not read as it is written."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from outlook_mcp.mail.search.fields import is_field, squeezed
from outlook_mcp.mail.search.phrases import straight_quotes
from outlook_mcp.text.quotes.subjects import without_prefixes

_BLANK = re.compile(r"\s*")
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)(\s*)(:|：|>=|<=|=|>|<)")
_PHRASE = re.compile(r"\"([^\"]*)\"|'([^']*\s[^']*)'(?=[\s)]|$)")
# Brackets within a word, as in f(x), are part of it.
_WORD = re.compile(r"[^\s()|{}]+(?:\([^\s()|]*\)[^\s()|{}]*)*")
_UNCLOSED = re.compile(r"[^\s()|{}]+")
_PROXIMITY = re.compile(r"O?NEAR(?:\(.*\))?|AROUND\(.*\)|XRANK(?:\(.*\))?")
_AROUND = re.compile(r"(?:AROUND|NEAR)\s+\d+(?=\s|$)")
# As a field of another program or language. An address of the web, a path and a time are none.
_UNKNOWN_FIELD = re.compile(r"([^\W\d_][\w-]+):(?![/\\])[\w\"].*")
_OPERATORS: dict[str, Literal["AND", "OR", "NOT"]] = {
    "AND": "AND",
    "&&": "AND",
    "&": "AND",
    "OR": "OR",
    "NOT": "NOT",
}
_SMALL_OPERATORS: dict[str, Literal["AND", "OR", "NOT"]] = {"and": "AND", "or": "OR", "not": "NOT"}
_BRACKETS: dict[str, Literal["(", "{", ")"]] = {"(": "(", "{": "{", ")": ")", "}": ")"}


class Token(NamedTuple):
    """`text` is the word, the phrase, or the name of a field, whose `operator` is one of : = > < >= <=.

    A word with `is_unknown_field` has the form of a field and value. `)` also closes `{`.
    """

    kind: Literal["(", "{", ")", "AND", "OR", "NOT", "field", "phrase", "word", "unknown"]
    text: str
    operator: str = ""
    is_unknown_field: bool = False


def tokens_of(text: str) -> tuple[list[Token], list[str]]:
    """The tokens, and notes on what was read in another way than it may have been meant.

    >>> tokens, notes = tokens_of('from:erin "net 30')
    >>> [(token.kind, token.text) for token in tokens]
    [('field', 'from'), ('word', 'erin'), ('phrase', 'net 30')]
    >>> notes
    ['A quotation mark is not closed: it was read as "net 30".']
    """
    reader = _TokenReader(straight_quotes(text))
    tokens = reader.tokens()
    return _with_small_operators(_without_reply_prefixes(tokens, reader.notes)), reader.notes


class _TokenReader:
    def __init__(self, text: str) -> None:
        self._text = text
        self.notes: list[str] = []

    def tokens(self) -> list[Token]:
        found: list[Token] = []
        position = self._skip(0)
        while position < len(self._text):
            token, position = self._token(position)
            found.append(token)
            position = self._skip(position)
        return found

    def _skip(self, position: int) -> int:
        blank = _BLANK.match(self._text, position)
        return blank.end() if blank else position

    def _token(self, position: int) -> tuple[Token, int]:
        text, letter = self._text, self._text[position]
        if bracket := _BRACKETS.get(letter):
            return Token(bracket, letter), position + 1
        if letter == "|":
            return Token("OR", letter), position + 1
        # `!word` alone is hardly a search for all mail without it.
        if letter in ("-+!" if position else "-+") and text[position + 1 : position + 2].strip(" )-+!"):
            # `+word` is what a word means anyway.
            return self._token(position + 1) if letter == "+" else (Token("NOT", letter), position + 1)
        if phrase := _PHRASE.match(text, position):
            return Token("phrase", phrase[1] if phrase[1] is not None else phrase[2]), phrase.end()
        if letter == '"':
            return self._unclosed_phrase(position + 1)
        if field := _field_at(text, position):
            return Token("field", field[1], field[3].replace("：", ":")), field.end()
        if around := _AROUND.match(text, position):
            return Token("unknown", around[0]), around.end()
        word = _WORD.match(text, position)
        written = word[0] if word else letter
        end = position + len(written)
        if operator := _OPERATORS.get(written):
            return Token(operator, written), end
        if unknown := _UNKNOWN_FIELD.fullmatch(written):
            self.notes.append(f"`{unknown[1]}:` is not a field here, so `{written}` was looked for as words.")
        kind: Literal["unknown", "word"] = "unknown" if _PROXIMITY.fullmatch(written) else "word"
        return Token(kind, written, is_unknown_field=unknown is not None), end

    def _unclosed_phrase(self, start: int) -> tuple[Token, int]:
        """What stands behind a quotation mark that is not closed, up to the next field, operator or bracket."""
        end = self._skip(start)
        while word := _UNCLOSED.match(self._text, end):
            bare = end + (self._text[end] in "-+")
            if word[0] in _OPERATORS or _field_at(self._text, bare):
                break
            end = self._skip(word.end())
        phrase = self._text[start:end].strip()
        if phrase:
            self.notes.append(f'A quotation mark is not closed: it was read as "{phrase}".')
        return Token("phrase", phrase), end


def _with_small_operators(tokens: list[Token]) -> list[Token]:
    """With `and` between two words as the operator, and any of the three in front of a field or a bracket.

    Words side by side mean the same as with `and`, and few texts hold the word. Elsewhere `or` and `not` are words.
    """
    read = list(tokens)
    for number in range(len(tokens) - 1):
        operator = _SMALL_OPERATORS.get(tokens[number].text) if tokens[number].kind == "word" else None
        if operator is None or (number and tokens[number - 1].kind == "field"):
            continue
        is_clear = tokens[number + 1].kind in ("field", "(", "{") and (number > 0 or operator == "NOT")
        if is_clear or (operator == "AND" and number > 0):
            read[number] = Token(operator, operator)
    return read


def _field_at(text: str, position: int) -> re.Match[str] | None:
    """A field and its operator. A space may stand between them, but not between a word and `=`."""
    found = _FIELD.match(text, position)
    if found is None or not is_field(found[1], found[3].replace("：", ":")) or (found[2] and found[3] == "="):
        return None
    return found


def _without_reply_prefixes(tokens: list[Token], notes: list[str]) -> list[Token]:
    """Without `Re:` and the like in front of the text or of a subject: replies and the original have other ones."""
    kept: list[Token] = []
    is_start = True
    for number, token in enumerate(tokens):
        has_more = number + 1 < len(tokens) and tokens[number + 1].kind in ("word", "phrase")
        if token.kind == "word" and is_start and has_more and not without_prefixes(token.text):
            notes.append(f"`{token.text}` was left out: subjects are found with and without it.")
            continue
        is_start = (token.kind in ("(", "{") and is_start) or (
            token.kind == "field" and squeezed(token.text) == "subject"
        )
        kept.append(token)
    return kept
