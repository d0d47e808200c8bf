"""The conversion of one body as a job of a worker process."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from outlook_mcp.text.html.document import html_to_text
from outlook_mcp.text.html.flat import flat_text


def run(arguments: Sequence[str], source: bytes) -> bytes:
    """HTML and style sheets, both in UTF-8 and packed by MessagePack, become a ConvertedText as JSON.

    The argument `new` leaves quoted history out; `flat` reads tag by tag without parsing.
    """
    html, sheets = (
        part.decode("utf-8", "replace") for part in msgspec.msgpack.decode(source, type=tuple[bytes, bytes])
    )
    if "flat" in arguments:
        return msgspec.json.encode(flat_text(html, sheets))
    return msgspec.json.encode(html_to_text(html, drop_quotes="new" in arguments, sheets=sheets))
