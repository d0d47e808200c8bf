"""What a caller can attach to a draft, as models write it: one string or a small object for each file."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from mimetypes import guess_type
from typing import Any
from urllib.parse import unquote

from outlook_mcp.errors import InvalidInput, OutlookError
from outlook_mcp.graph.ids import Handle

_HOW_TO_ATTACH = (
    "Write `id/n` for attachment n of message id, `id` for the whole message, or `name.txt: text` for a text file."
)
_INSIDE = r"(?:(?:/|%2[Ff])[0-9]{1,4}){0,6}"
_RESOURCE = re.compile(
    rf"outlook://me/messages/(?P<message>[^/?#]+)(?:/attachments/(?P<numbers>[0-9]{{1,4}}{_INSIDE}))?/?"
)
_LIKE_A_PATH = re.compile(r"(?:/|~|\.{1,2}[/\\]|[A-Za-z]:[/\\]|\\\\|file://)", re.IGNORECASE)
_WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_NAMED_TEXT = re.compile(r"(?P<name>[^\n/\\:]{1,200}\.[A-Za-z0-9]{1,10}):[ \t]*\r?\n?(?P<text>.*)", re.DOTALL)
_FILE_NAME = re.compile(r"[^\n]{1,1000}\.[A-Za-z0-9]{1,10}")
# Handles are decimal; a full id of Exchange has more than sixty letters.
_ID = r"[0-9]{1,20}|[A-Za-z0-9_=-]{60,}"
_MESSAGE_ID = re.compile(_ID)
_NUMBERED = re.compile(rf"(?P<message>{_ID}|[^/]+(?=/\d+$))/(?P<numbers>\d+(?:/\d+){{0,6}})", re.ASCII)
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/\\\u2028\u2029]+")
_LONGEST_NAME = 200
# The names under which models put the parts of a file into an object.
_NAMES = ("name", "filename", "file_name", "title")
_TEXTS = ("text", "content", "body", "data")
_BASE64 = ("contentBytes", "content_bytes", "base64", "content_base64")
_TYPES = ("content_type", "contentType", "mime_type", "mimeType", "type")
_REFERENCES = ("uri", "url", "path", "file", "ref", "reference", "attachment")
_MESSAGES = ("message", "message_id", "id")
_NUMBERS = ("n", "number", "attachment_number")


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """The attachment with this number, counted from 1, of a message in the same mailbox, or a file `inside` of it."""

    message: Handle
    number: int
    inside: tuple[int, ...] = ()

    def __str__(self) -> str:
        return "/".join(map(str, (self.message, self.number, *self.inside)))


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A whole message of the same mailbox, attached as a mail."""

    message: Handle

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True, slots=True)
class InlineFile:
    """A file whose content the caller wrote."""

    name: str
    content: bytes = field(repr=False)
    content_type: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class LocalPath:
    """A file of this machine, as the caller wrote its path."""

    path: str

    def __str__(self) -> str:
        return self.path


AttachReference = AttachmentRef | MessageRef | InlineFile | LocalPath


def parse_references(written: Sequence[str | Mapping[str, Any]]) -> tuple[AttachReference, ...]:
    """Each as `parse_reference` reads it. Raises InvalidInput, which says which of several is wrong."""
    found = []
    for number, reference in enumerate(written, 1):
        with naming_the_file(number, len(written)):
            found.append(parse_reference(reference))
    return tuple(found)


@contextmanager
def naming_the_file(number: int, count: int) -> Iterator[None]:
    """An error inside it says which file of several it is about, so that the others need not be asked for."""
    try:
        yield
    except OutlookError as error:
        if count > 1:
            error.message = f"File {number} of the {count} in `attach`: {error.message}"
        raise


def parse_reference(written: str | Mapping[str, Any]) -> AttachReference:
    """What is to be attached. Raises InvalidInput, which says how to write it.

    >>> parse_reference("4711/1"), parse_reference("outlook://me/messages/4711")
    (AttachmentRef(message='4711', number=1, inside=()), MessageRef(message='4711'))
    >>> parse_reference("4711/2/1").inside
    (1,)
    >>> parse_reference("notes.txt: Bring tea.").content
    b'Bring tea.'
    >>> parse_reference({"name": "a.csv", "content": "1,2"}).content_type
    'text/csv; charset=utf-8'
    >>> parse_reference("~/plan.pdf")
    LocalPath(path='~/plan.pdf')
    """
    if not isinstance(written, str):
        return _parse_object(written)
    text = written.strip()
    if text.startswith("{") and (parsed := _json_object(text)) is not None:
        return _parse_object(parsed)
    if resource := _RESOURCE.fullmatch(text):
        message = Handle(unquote(resource["message"]))
        return _attachment(message, unquote(resource["numbers"])) if resource["numbers"] else MessageRef(message)
    if _LIKE_A_PATH.match(text):
        return LocalPath(text)
    if _WEB_ADDRESS.match(text):
        raise InvalidInput("Files of web addresses are not attached.", next_step="Put the link into the text instead.")
    if named := _NAMED_TEXT.fullmatch(written.lstrip()):
        return inline_file(named["name"], named["text"].encode("utf-8", "replace"))
    if numbered := _NUMBERED.fullmatch(text):
        return _attachment(Handle(numbered["message"]), numbered["numbers"])
    if _MESSAGE_ID.fullmatch(text):
        return MessageRef(Handle(text))
    if _FILE_NAME.fullmatch(text):
        return LocalPath(text)
    raise _unclear(written)


def inline_file(name: str, content: bytes, content_type: str = "") -> InlineFile:
    """A file with a name that no program takes for a path, and with the type that its name tells."""
    plain = _NOT_IN_NAMES.sub(" ", name).strip()[:_LONGEST_NAME] or "attachment.txt"
    guessed = content_type or type_of_name(plain)
    is_text = guessed.startswith("text/") and "charset" not in guessed
    return InlineFile(plain, content, f"{guessed}; charset=utf-8" if is_text else guessed)


def type_of_name(name: str) -> str:
    """The media type that a file's name tells.

    >>> type_of_name("a.pdf"), type_of_name("a.unknown")
    ('application/pdf', 'application/octet-stream')
    """
    kind, encoding = guess_type(name, strict=False)
    return kind if kind and not encoding else "application/octet-stream"


def _parse_object(given: Mapping[str, Any]) -> AttachReference:
    name, text, encoded = _first(given, _NAMES), _first(given, _TEXTS), _first(given, _BASE64)
    kind = _first(given, _TYPES) or ""
    if encoded is not None:
        try:
            content = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise InvalidInput("The content of a file in `attach` is not base64.", next_step=_HOW_TO_ATTACH) from None
        return inline_file(name or "attachment.bin", content, kind if "/" in kind else "")
    if name is not None and text is not None:
        return inline_file(name, text.encode("utf-8", "replace"), kind if "/" in kind else "")
    if (message := _first(given, _MESSAGES)) is not None:
        number = _first(given, _NUMBERS)
        return parse_reference(message if number is None else f"{message}/{number}")
    if (reference := _first(given, _REFERENCES)) is not None:
        return parse_reference(reference)
    raise _unclear(json.dumps(list(given), ensure_ascii=False, default=str))


def _first(given: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """The first of these members that is text or a number."""
    values = (given[name] for name in names if name in given)
    return next((str(value) for value in values if isinstance(value, str | int) and not isinstance(value, bool)), None)


def _json_object(text: str) -> Mapping[str, Any] | None:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _attachment(message: Handle, numbers: str) -> AttachmentRef:
    number, *inside = map(_number, numbers.split("/"))
    return AttachmentRef(message, number, tuple(inside))


def _number(written: str) -> int:
    if not written.isascii() or not written.isdecimal() or not 1 <= int(written[:6]) <= 9999:
        raise InvalidInput("Attachments are counted from 1.", next_step=_HOW_TO_ATTACH)
    return int(written)


def _unclear(written: str) -> InvalidInput:
    shown = _NOT_IN_NAMES.sub(" ", written)[:80]
    return InvalidInput(f"{shown!r} is not a reference to an attachment.", next_step=_HOW_TO_ATTACH)
