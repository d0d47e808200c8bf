"""Header fields as they are in real mail: with 8-bit bytes, odd folding and stray lines."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message as Fields
from email.utils import parsedate_to_datetime

from outlook_mcp.sandbox.mime.charsets import clean, decode

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_BLANK_LINE = re.compile(rb"(?:\A|\r?\n|\r(?!\n))(?:\r?\n|\r)")
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_ENCODED_WORD = re.compile(r"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(?<=\?=)[ \t]+(?==\?[^?\s]+\?[bBqQ]\?)")
_WORDS = re.compile(r"(?:=\?[^?\s]+\?[bBqQ]\?[^?]*\?=)+")
# An encoded word of encoding Q, which may hold 8-bit bytes against RFC 2047.
_RAW_WORD = re.compile(rb"=\?[^?\s]+\?[qQ]\?[^?]*\?=")
_RAW_BYTE = re.compile(rb"[\x80-\xff]")
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]")
_PADDING = re.compile(rb"=+")
_LINE_ENDS = b"\r\n \t"
_PARAMETERS_LIMIT = 16_384
_REFERENCES_LIMIT = 200


@dataclass(slots=True)
class Header:
    """The fields of a message or a part, in order; values unfolded, encoded words still encoded."""

    fields: list[tuple[str, str]]

    def first(self, name: str) -> str:
        return next((value for key, value in self.fields if key.lower() == name), "")

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key.lower() == name]

    def structured(self) -> Fields:
        """The MIME fields for the standard library's parameter reader."""
        fields = Fields()
        for name in ("content-type", "content-disposition"):
            if value := self.first(name):
                fields[name] = value[:_PARAMETERS_LIMIT]
        return fields


def split_header(raw: bytes) -> tuple[Header, bytes]:
    """The header and the body below it; without a blank line the first run of text is the body."""
    blank = _BLANK_LINE.search(raw)
    block, body = (raw[: blank.start()], raw[blank.end() :]) if blank else (raw, b"")
    lines = [line for line in _LINE.findall(block) if line]
    fields: list[tuple[bytes, list[bytes]]] = []
    for number, line in enumerate(lines):
        if line[:1] in (b" ", b"\t"):
            if fields:
                fields[-1][1].append(line)
        elif field := _FIELD.match(line):
            fields.append((field[1], [field[2]]))
        elif not _header_goes_on(lines, number):
            return Header(_unfold(fields)), b"".join([*lines[number:], raw[blank.start() :] if blank else b""])
    return Header(_unfold(fields)), body


def _header_goes_on(lines: list[bytes], number: int) -> bool:
    """A stray line (mbox `From `, a broken fold) is forgiven when a field follows it."""
    return number + 1 < len(lines) and _FIELD.match(lines[number + 1]) is not None


def _unfold(fields: list[tuple[bytes, list[bytes]]]) -> list[tuple[str, str]]:
    return [(decode(name), _unfold_value(lines)) for name, lines in fields]


def _unfold_value(lines: list[bytes]) -> str:
    first, *others = (line.rstrip(b"\r\n") for line in lines)
    value = b"".join([first, *(line.replace(b"\t", b" ") for line in others)])
    return decode(_RAW_WORD.sub(_escape_raw_bytes, value)).strip()


def _escape_raw_bytes(word: re.Match[bytes]) -> bytes:
    """8-bit bytes in an encoded word are in its charset, whatever the rest of the header is in."""
    return _RAW_BYTE.sub(lambda byte: b"=%02X" % byte[0][0], word[0])


def decode_words(value: str) -> str:
    """RFC 2047 words as text; what is no valid word stays as it is written."""
    if "=?" not in value:
        return value
    return clean(_WORDS.sub(lambda run: _decode_run(run[0]), _BETWEEN_WORDS.sub("", value)))


def _decode_run(run: str) -> str:
    # A character may be split over two words of one charset, so bytes are joined before decoding.
    pieces: list[tuple[str, bytes]] = []
    for charset, encoding, text in _ENCODED_WORD.findall(run):
        charset, raw = charset.split("*")[0].lower(), _decode_word(encoding, text)
        if pieces and pieces[-1][0] == charset:
            raw = pieces.pop()[1] + raw
        pieces.append((charset, raw))
    return " ".join("".join(decode(raw, charset) for charset, raw in pieces).splitlines())


def _decode_word(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8")
    if encoding in "qQ":
        return binascii.a2b_qp(raw, header=True)
    return lenient_base64(raw)


def lenient_base64(raw: bytes) -> bytes:
    """What can be read of broken base64: other letters are skipped, and missing ends forgiven.

    The standard library does so in some versions of Python and for some faults only. Padding in the middle ends
    nothing: what follows is another piece, as of mailers that encode line by line, unless its line is no base64.

    >>> lenient_base64(b"SGVs!!bG8"), lenient_base64(b"SGk=\\r\\nSGk="), lenient_base64(b"S")
    (b'Hello', b'HiHi', b'')
    """
    try:
        return binascii.a2b_base64(raw.translate(None, _LINE_ENDS), strict_mode=True)
    except binascii.Error:
        letters = _NOT_BASE64.sub(b"", b"".join(_lines_of_base64(raw)))
        return b"".join(_base64_piece(piece) for piece in _PADDING.split(letters) if piece)


def _lines_of_base64(raw: bytes) -> Iterator[bytes]:
    """Behind padding only lines without other letters: text that a relay adds stands there too."""
    is_padded = False
    for line in raw.splitlines():
        if not (is_padded and _NOT_BASE64.search(line.strip())):
            yield line
        is_padded = is_padded or b"=" in line


def _base64_piece(letters: bytes) -> bytes:
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def message_ids(value: str) -> list[str]:
    """Every `<id>` once, in order; of an endless list the last 200."""
    return list(dict.fromkeys(_MESSAGE_ID.findall(value)))[-_REFERENCES_LIMIT:]


def parent_id(value: str) -> str | None:
    """In-Reply-To, which old clients write as `Your message of ... <id>`."""
    ids = message_ids(value)
    if not ids:
        return None
    return ids[0] if value.startswith("<") else ids[-1]


def own_id(value: str) -> str | None:
    return next(iter(message_ids(value)), None) or "".join(value.split()) or None


def date(value: str) -> datetime | None:
    """An aware UTC time, or None for what is no date; a date without a zone is UTC."""
    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def received_dates(received: list[str]) -> Iterator[datetime]:
    """Dates of the Received fields, newest hop first."""
    for value in received:
        if moment := date(value.rpartition(";")[2]):
            yield moment
