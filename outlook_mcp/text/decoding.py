"""Bytes become text off the event loop; where the charset has to be guessed, a worker process does it."""

from __future__ import annotations

import anyio.to_thread

from outlook_mcp.text.charsets import DEFAULT, DecodedText, decoded, decoded_by_guess
from outlook_mcp.text.isolated.processes import shared_processes

_JOB = "outlook_mcp.text.charset_job"
_SAMPLE = 20_000


async def decode(raw: bytes, label: str | None = None) -> DecodedText:
    """The text in the charset of this label, or the one that fits. Raises ServerBusy as `WorkerProcesses.run` does."""
    found = await anyio.to_thread.run_sync(decoded, raw, label)
    if found is not None:
        return found
    named = (await shared_processes().run(_JOB, source=raw[:_SAMPLE])).decode() or DEFAULT
    return await anyio.to_thread.run_sync(decoded_by_guess, raw, label, lambda _: named)
