"""Address lists, also malformed ones, read in one pass without recursion."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.mime.headers import decode_words

_ANGLE = re.compile(r"([^<]*)<([^<>]*)>[^<>]*")
_COMMENT = re.compile(r"([^\s()]+@[^\s()]+)\s*\((.*)\)")
_GROUP_NAME = re.compile(r"[^<>@\"]*(?<!mailto):(?!//)", re.IGNORECASE)
_MAILTO = re.compile(r"\Amailto:", re.IGNORECASE)
_QUOTED_PAIR = re.compile(r"\\(.)")
_BARE = re.compile(r"(?:\"[^\"]{1,64}\"|[^\s<>()\"]+)@[^\s<>()\"]+")
# Marks of an address or of a group: a piece that has one is not the first part of a name.
_ADDRESS_MARK = re.compile(r"[@<>:]")
_LIMIT = 2_000
_LENGTH_LIMIT = 1_000


def read_addresses(value: str) -> list[Address]:
    """At most 2,000 addresses; a display name without an address keeps an empty address."""
    found: list[Address] = []
    for piece in _joined_names(_split(value)):
        address = _read_address(piece)
        if address is not None:
            found.append(address)
        if len(found) == _LIMIT:
            break
    return found


def _split(value: str) -> list[tuple[str, str]]:
    """Pieces and the separator behind each: commas and semicolons outside quotes, comments and angle brackets."""
    pieces: list[tuple[str, str]] = []
    start, quoted, escaped, comments, angle = 0, False, False, 0, False
    for at, char in enumerate(value):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"' and not comments and not angle:
            quoted = not quoted
        elif quoted:
            continue
        elif char in "()":
            comments = max(0, comments + (1 if char == "(" else -1))
        elif char in "<>" and not comments:
            angle = char == "<"
        elif char in ",;" and not comments and not angle:
            pieces.append((value[start:at], char))
            start = at + 1
    if quoted or comments or angle:
        cut = [*re.split("([,;])", value), ""]
        return list(zip(cut[::2], cut[1::2], strict=True))
    return [*pieces, (value[start:], "")]


def _joined_names(pieces: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A comma in a name that is not quoted, as in `Smith, John <j@x>`, belongs to the name, as Exchange reads it."""
    waiting = ""
    for piece, separator in pieces:
        whole = waiting + piece
        if separator == "," and piece.strip() and not _ADDRESS_MARK.search(decode_words(piece)):
            waiting = whole + separator
        elif waiting and not _ANGLE.fullmatch(piece.strip()):
            yield from whole.split(",")
            waiting = ""
        else:
            yield whole
            waiting = ""
    yield from waiting.split(",") if waiting else ()


def _read_address(piece: str) -> Address | None:
    piece = piece.strip()[:_LENGTH_LIMIT]
    if group := _GROUP_NAME.match(piece):
        piece = piece[group.end() :].strip()
    if "<" not in piece and "=?" in piece:
        piece = decode_words(piece).strip()
    if angle := _ANGLE.fullmatch(piece):
        return _address(angle[2], angle[1])
    if comment := _COMMENT.fullmatch(piece):
        return _address(comment[1], comment[2])
    if bare := _BARE.search(piece):
        return _address(bare[0], piece[: bare.start()])
    return _address("", piece)


def _address(address: str, name: str) -> Address | None:
    address = address.strip() if '"@' in address else "".join(address.split())
    if address[:1] in ("'", "["):
        address = address.strip("'[]")
    address = _MAILTO.sub("", address)
    name = _display_name(name)
    return Address(address, name) if address or name else None


def _display_name(written: str) -> str:
    name = written.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = _QUOTED_PAIR.sub(r"\1", name[1:-1])
    return " ".join(decode_words(name.replace("\t", " ")).strip(" \"'<>").split())
