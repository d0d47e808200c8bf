"""The conversion of one body as a job of a worker process."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from outlook_mcp.text.html.document import html_to_text


def run(arguments: Sequence[str], source: bytes) -> bytes:
    """HTML in UTF-8 becomes a ConvertedText as JSON. The argument `new` leaves quoted history out."""
    converted = html_to_text(source.decode("utf-8", "replace"), drop_quotes="new" in arguments)
    return msgspec.json.encode(converted)
