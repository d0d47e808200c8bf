"""Makes a picture smaller, as a job of a worker process. Needs Pillow."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import msgspec
from PIL import Image, ImageOps

from outlook_mcp.text.files.result import Picture

# Models that look at pictures make larger ones smaller themselves.
_LONGEST_SIDE = 1_568
_MOST_PIXELS = 60_000_000
_QUALITY = 80


def run(_arguments: Sequence[str], source: bytes) -> bytes:
    """A Picture as MessagePack: JPEG, or PNG where something shines through; null for what is no picture."""
    try:
        return msgspec.msgpack.encode(scaled(source))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return msgspec.msgpack.encode(None)


def scaled(source: bytes) -> Picture | None:
    """The first picture of a file, none of its sides longer than 1,568 pixels. Raises OSError for a broken one."""
    with Image.open(BytesIO(source)) as opened:
        if opened.width * opened.height > _MOST_PIXELS:
            return None
        # JPEG is unpacked in a fraction of its size at once.
        opened.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
        picture = ImageOps.exif_transpose(opened)
        picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
        has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
        written = BytesIO()
        if has_alpha:
            picture.convert("RGBA").save(written, "PNG")
        else:
            picture.convert("RGB").save(written, "JPEG", quality=_QUALITY)
    return Picture("image/png" if has_alpha else "image/jpeg", written.getvalue())
