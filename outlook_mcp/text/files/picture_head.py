"""Format and size of a picture by its first bytes, as a job of a worker process; nothing is unpacked."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import msgspec

from outlook_mcp.text.files.result import PictureHead

# Markers of JPEG that begin a frame and so tell its size (ITU-T T.81, table B.1).
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_MOST_SEGMENTS = 1_000


def run(_arguments: Sequence[str], source: bytes) -> bytes:
    """A PictureHead as JSON; null for what is none of PNG, JPEG, GIF and WebP."""
    try:
        return msgspec.json.encode(picture_head(source))
    except (struct.error, IndexError):
        return b"null"


def picture_head(source: bytes) -> PictureHead | None:
    """Of the four formats that models see. Raises struct.error or IndexError for one that is cut.

    >>> picture_head(b"GIF89a" + bytes([3, 0, 2, 0]))
    PictureHead(media_type='image/gif', width=3, height=2)
    """
    if source.startswith(b"\x89PNG\r\n\x1a\n"):
        return PictureHead("image/png", *struct.unpack_from(">II", source, 16))
    if source.startswith((b"GIF87a", b"GIF89a")):
        return PictureHead("image/gif", *struct.unpack_from("<HH", source, 6))
    if source.startswith(b"\xff\xd8\xff"):
        return _of_jpeg(source)
    return _of_webp(source) if source[:4] == b"RIFF" and source[8:12] == b"WEBP" else None


def _of_jpeg(source: bytes) -> PictureHead | None:
    position = 2
    for _ in range(_MOST_SEGMENTS):
        while source[position] != 0xFF or source[position + 1] == 0xFF:
            position += 1
        if source[position + 1] in _FRAMES:
            height, width = struct.unpack_from(">HH", source, position + 5)
            return PictureHead("image/jpeg", width, height)
        position += 2 + struct.unpack_from(">H", source, position + 2)[0]
    return None


def _of_webp(source: bytes) -> PictureHead | None:
    """The three forms of the container (RFC 9649, sections 2.5 to 2.7)."""
    if source[12:16] == b"VP8 ":
        width, height = struct.unpack_from("<HH", source, 26)
        return PictureHead("image/webp", width & 0x3FFF, height & 0x3FFF)
    if source[12:16] == b"VP8L":
        (bits,) = struct.unpack_from("<I", source, 21)
        return PictureHead("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if source[12:16] == b"VP8X":
        width, height = (int.from_bytes(source[start : start + 3], "little") + 1 for start in (24, 27))
        return PictureHead("image/webp", width, height)
    return None
