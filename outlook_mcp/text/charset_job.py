"""Guessing the charset of one text as a job of a worker process, which loads the library for it."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.text.charset_guess import guessed_charset


def run(_arguments: Sequence[str], source: bytes) -> bytes:
    """The name of the charset of these bytes."""
    return guessed_charset(source).encode()
