"""Header fields of a mail in MIME form, decoded with the same charsets as its text.

Python's own decoding of headers gives the labels of senders to its codecs, so only the raw fields are taken from it.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from itertools import groupby
from quopri import decodestring

from outlook_mcp.graph.models import Address, Recipient
from outlook_mcp.mail.mime.addresses import people_in
from outlook_mcp.text.charset_guess import guessed_charset
from outlook_mcp.text.charsets import DecodedText, decoded_by_guess

_MOST_PEOPLE = 500
_LONGEST = 200_000
# RFC 2047, section 2; RFC 2231 adds a language behind the charset. Some programs leave spaces and question marks in it.
_WORD = re.compile(r"=\?([^?*\s]{1,40})(?:\*[\w-]*)?\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*){0,3})\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?[^?\s]+\?[bBqQ]\?)")
_Word = tuple[str, bytes]


def header(message: Message, name: str) -> str:
    """The first field of this name, unfolded, its encoded words left as they are; "" if there is none.

    Bytes beyond ASCII are decoded like text without a charset.
    """
    for key, value in message.raw_items():
        if key.lower() == name.lower():
            raw = " ".join(str(value)[:_LONGEST].split()).encode("utf-8", "surrogateescape")
            return decoded_by_guess(raw, None, guessed_charset).text
    return ""


def decode_words(text: str) -> str:
    """Encoded words of a header as text; those in an unknown encoding stay as they are.

    >>> decode_words("Die =?iso-8859-1?q?=DCbergabe?=")
    'Die Übergabe'
    """
    return read_words(text).text


def read_words(text: str) -> DecodedText:
    """As `decode_words`, with the first charset that had to be guessed, else UTF-8."""
    text = _BETWEEN_WORDS.sub(r"\1", text)
    pieces: list[DecodedText] = []
    position = 0
    words: list[_Word] = []
    for found in _WORD.finditer(text):
        content = _content(found[2], found[3])
        if content is None:
            continue
        if found.start() > position:
            pieces += [*_decoded(words), DecodedText(text[position : found.start()], "utf-8")]
            words = []
        words.append((found[1], content))
        position = found.end()
    pieces += [*_decoded(words), DecodedText(text[position:], "utf-8")]
    first = next((piece for piece in pieces if piece.is_guess), pieces[-1])
    return replace(first, text="".join(piece.text for piece in pieces))


def _decoded(words: list[_Word]) -> list[DecodedText]:
    """Words in one charset are decoded together: some programs cut them in the middle of a letter."""
    groups = groupby(words, key=lambda word: word[0].lower())
    return [
        decoded_by_guess(b"".join(content for _, content in group), charset, guessed_charset)
        for charset, group in groups
    ]


def _content(encoding: str, text: str) -> bytes | None:
    raw = text.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return decodestring(raw, header=True)
    try:
        return b64decode(raw + b"=" * (-len(raw) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def people(message: Message, name: str) -> list[Recipient]:
    """Everybody in the field of this name, at most 500."""
    found = people_in(header(message, name), _MOST_PEOPLE)
    return [
        Recipient(email_address=Address(name=decode_words(shown) or None, address=address or None))
        for shown, address in found
    ]


def date(message: Message) -> datetime | None:
    """When it was sent; None if the field is missing or broken. A time without a zone is taken for UTC."""
    try:
        found = parsedate_to_datetime(header(message, "Date"))
    except (ValueError, TypeError, OverflowError):
        return None
    return found.replace(tzinfo=found.tzinfo or UTC)


def parameter(message: Message, name: str, field: str = "Content-Type") -> str:
    """A parameter of a field, with RFC 2231 and encoded words decoded; "" if there is none."""
    try:
        value = message.get_param(name, header=field)
    except (ValueError, TypeError, LookupError, AttributeError):
        return ""
    if isinstance(value, tuple):
        charset, _, text = value
        raw = text.encode("latin-1", "replace")
        return decoded_by_guess(raw, charset, guessed_charset).text
    if not isinstance(value, str):
        return ""
    raw = value.encode("utf-8", "surrogateescape")
    return decode_words(decoded_by_guess(raw, None, guessed_charset).text)
