"""A large attachment passes through memory in pieces on its way into a file."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.responses import StreamingResponse

from outlook_mcp.graph.ids import AttachmentId
from outlook_mcp.mail.area import MAIL
from outlook_mcp.mail.attachment_requests import MOST_BYTES, AttachmentRequests
from outlook_mcp.mail.saved_files import save_stream
from tests.effort import usually
from tests.graph.scripted_graph import ALICE, ScriptedGraph, Tokens, factory_for, serving
from tests.ids import message_id

MEGABYTES = usually(16, thoroughly=100)
MOST_MEMORY = 4 * 2**20
_PIECE = b"x" * 2**16


async def pieces() -> AsyncIterator[bytes]:
    for _ in range(MEGABYTES * 16):
        yield _PIECE


async def test_a_download_takes_the_same_memory_however_large_it_is(tmp_path: Path) -> None:
    graph = ScriptedGraph(otherwise=lambda _: StreamingResponse(pieces(), media_type="application/pdf"))
    async with serving(graph) as graph.url, factory_for(graph, Tokens()) as factory:
        requests = AttachmentRequests(factory.for_user(ALICE, None, MAIL))
        tracemalloc.start()
        try:
            async with requests.stream_of(message_id("AAMk1"), AttachmentId("AAMk2"), limit=MOST_BYTES) as chunks:
                saved = await save_stream([tmp_path], "plan.pdf", chunks)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert saved.size == saved.path.stat().st_size == MEGABYTES * 2**20
    assert peak < MOST_MEMORY, f"{peak / 2**20:.1f} MB"
