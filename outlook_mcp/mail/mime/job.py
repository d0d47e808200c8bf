"""Reading the mail of one file as a job of a worker process: the library's parser bounds neither time nor memory."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from outlook_mcp.mail.mime.reader import read_mail


def run(_arguments: Sequence[str], source: bytes) -> bytes:
    """A mail in MIME form becomes an AttachedItem as JSON."""
    return msgspec.json.encode(read_mail(source))
