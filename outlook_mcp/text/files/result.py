"""What a reader of files gives."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from outlook_mcp.text.html.result import ConvertedText

# Why a file that asks for a password is not read.
LOCKED = "it is protected by a password"


@dataclass(frozen=True, slots=True)
class FileText:
    """The text of a file, or of those of its parts that were read.

    `unit` names the parts: page, slide or sheet; "" for a file without any. `parts` is how many there are, and `first`
    and `last` are those that were read. `notes` are sentences of ours about what the text leaves out.
    """

    text: ConvertedText
    unit: str = ""
    parts: int = 0
    first: int = 1
    last: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive, with the folders that it is in; `size` in bytes as the archive says."""

    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Listing:
    """The first files of an archive, how many more there are, and how many of all are protected by a password."""

    members: tuple[Member, ...]
    more: int = 0
    locked: int = 0


@dataclass(frozen=True, slots=True)
class PictureHead:
    """What the first bytes of a picture say of it; width and height in pixels."""

    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a model can see; `is_scaled` when it is not the file as it came."""

    media_type: str
    content: bytes
    is_scaled: bool = True


def decoded_head(answer: bytes) -> PictureHead | None:
    """What the job gave back; None for no picture of a format that models see."""
    try:
        return msgspec.json.decode(answer, type=PictureHead | None)
    except msgspec.DecodeError:
        return None


def decoded_picture(answer: bytes) -> Picture | None:
    """What the job gave back; None for no picture, or one that is too large."""
    try:
        return msgspec.msgpack.decode(answer, type=Picture | None)
    except msgspec.DecodeError:
        return None


def decoded_listing(answer: bytes) -> Listing | None:
    """What the job for archives gave back; None when the archive is broken or the job was stopped."""
    try:
        return msgspec.json.decode(answer, type=Listing | None)
    except msgspec.DecodeError:
        return None


def decoded(answer: bytes) -> FileText | str | None:
    """What the job gave back: the text, or why there is none; None when the job failed or was stopped."""
    try:
        return msgspec.json.decode(answer, type=FileText | str)
    except msgspec.DecodeError:
        return None
