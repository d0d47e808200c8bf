"""The people in a header field, also where it is not written as RFC 5322 wants it.

The library's own reader takes the first address it sees: of `ceo@bank.example <x@evil.example>` the name, and of
`Smith, John <j@x.example>` the word before the comma. Programs show what stands in the angle brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# A quoted text, a comment without others inside, an address in brackets, a separator, or anything else. Bounded, as
# each that is not closed would be looked through to the end.
_PIECE = re.compile(r'"(?:[^"\\]|\\.){0,500}"|\((?:[^()\\]|\\.){0,500}\)|<[^<>]{0,500}>|[,;:]|[^",;:(<]+|.', re.S)
_ESCAPE = re.compile(r"\\(.)", re.S)
_ROUTE = re.compile(r"@[^:\s]*:")
_SCHEME = re.compile(r"\A\[?mailto:", re.IGNORECASE)
_MOST_PIECES = 10_000


def people_in(field: str, most: int) -> Iterator[tuple[str, str]]:
    """Names and addresses, either of which may be empty; at most `most`.

    >>> list(people_in("Smith, John <j@x.example>, team: bob@x.example (Bob);", 9))
    [('Smith, John', 'j@x.example'), ('Bob', 'bob@x.example')]
    """
    found = 0
    for name, address in _entries(field):
        if found == most:
            return
        if name or address:
            found += 1
            yield name, address


def _entries(field: str) -> Iterator[tuple[str, str]]:
    words: list[str] = []
    comments: list[str] = []
    brackets, has_address = "", False
    pieces = [piece[0] for _, piece in zip(range(_MOST_PIECES), _PIECE.finditer(field), strict=False)]
    for piece in (*pieces, ";"):
        if piece[0] == "<" and piece[-1] == ">" and len(piece) > 1:
            brackets, has_address = brackets or piece[1:-1], True
        elif piece[0] == "(" and piece[-1] == ")":
            comments.append(piece[1:-1])
        elif piece == ":" and not has_address:
            words, comments = [], []  # The name of a group.
        elif piece[0] == "@" and words and words[-1][0] == '"':
            # A quoted text is the first half of an address.
            brackets, has_address = brackets or words.pop() + piece, True
        elif piece == ";" or (piece == "," and has_address):
            yield _person(words, comments, brackets)
            words, comments, brackets, has_address = [], [], "", False
        else:
            words.append(piece)
            has_address = has_address or ("@" in piece and piece[0] != '"')


def _person(words: list[str], comments: list[str], brackets: str) -> tuple[str, str]:
    address = _ROUTE.sub("", brackets).strip()
    address = _bare(address if address.startswith('"') else "".join(address.split()))
    text = " ".join("".join(map(_unquoted, words)).split()).strip(" ,_")
    comment = " ".join(" ".join(comments).split())
    if address:
        return text or comment, address
    if " " not in text and "@" in text:
        return comment, _bare(text)
    at = next((word for word in text.split() if "@" in word), "")
    return (
        (" ".join(word for word in text.split() if word != at) or comment, _bare(at)) if at else (text or comment, "")
    )


def _bare(address: str) -> str:
    """Without what some programs put around an address; `c@[192.0.2.1]` keeps its brackets."""
    address = _SCHEME.sub("", address.strip("'<>"))
    return address.rstrip("]") if "[" not in address else address


def _unquoted(word: str) -> str:
    return _ESCAPE.sub(r"\1", word[1:-1]) if word[0] == '"' and len(word) > 1 and word[-1] == '"' else word
