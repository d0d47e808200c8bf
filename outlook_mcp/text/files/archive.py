"""What is in a ZIP archive, and one file of it, as a job of a worker process."""

from __future__ import annotations

import mimetypes
import zlib
from collections.abc import Sequence
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo

import msgspec

from outlook_mcp.text.charset_guess import guessed_charset
from outlook_mcp.text.charsets import decoded_by_guess
from outlook_mcp.text.files.result import Listing, Member

_MOST_MEMBERS = 200
_MOST_BYTES = 15_000_000
_LONGEST_NAME = 300
_NAME_IS_UTF_8 = 0x800
_IS_ENCRYPTED = 0x1
_BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError, LookupError)


def run(arguments: Sequence[str], source: bytes) -> bytes:
    """An archive becomes a Listing as JSON, null if it is broken.

    With a number, the file of this number becomes a pair of name, type and size, and content, in MessagePack.
    """
    try:
        archive = ZipFile(BytesIO(source))
        if not arguments:
            return msgspec.json.encode(listing(archive))
        return msgspec.msgpack.encode(file_of(archive, int(arguments[0])))
    except _BROKEN:
        return msgspec.msgpack.encode(None) if arguments else b"null"


def listing(archive: ZipFile) -> Listing:
    """The files, without the entries for folders."""
    files = _files(archive)
    locked = sum(bool(info.flag_bits & _IS_ENCRYPTED) for info in files)
    return Listing(tuple(map(_member, files[:_MOST_MEMBERS])), max(0, len(files) - _MOST_MEMBERS), locked)


def file_of(archive: ZipFile, number: int) -> tuple[dict[str, object], bytes] | None:
    """File `number`, counted from 1, and its content; None when there is none, it is encrypted, or it is too large."""
    files = _files(archive)[:_MOST_MEMBERS]
    if not 1 <= number <= len(files):
        return None
    info = files[number - 1]
    with archive.open(info) as member:
        # What the archive says of the size need not be true.
        content = member.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        return None
    found = _member(info)
    name = found.name.rpartition("/")[2]
    return {"name": name or "unnamed", "contentType": found.content_type, "size": len(content)}, content


def _files(archive: ZipFile) -> list[ZipInfo]:
    return [info for info in archive.infolist() if not info.is_dir()]


def _member(info: ZipInfo) -> Member:
    path = _decoded_name(info).replace("\\", "/")
    kind, _ = mimetypes.guess_type(path[-100:], strict=False)
    return Member(path[-_LONGEST_NAME:] or "unnamed", kind or "application/octet-stream", info.file_size)


def _decoded_name(info: ZipInfo) -> str:
    """Without the flag for UTF-8 a name is in the charset of the computer that wrote it; the library takes cp437."""
    name = info.orig_filename
    if name.isascii() or info.flag_bits & _NAME_IS_UTF_8:
        return name
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    return decoded_by_guess(raw, None, guessed_charset).text
