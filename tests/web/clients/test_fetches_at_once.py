"""How many documents are read at once: a site that keeps connections open holds up few others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import pytest

from outlook_mcp.net.public_http import PublicHttp
from outlook_mcp.web.authorization.client_document_http import (
    MOST_PARALLEL,
    MOST_PER_DOMAIN,
    ClientDocumentHttp,
    DocumentRefused,
    DocumentUnavailable,
)
from tests.web.clients.site import HOST


async def begun(http: ClientDocumentHttp, hosts: Iterable[str]) -> Sequence[asyncio.Task[object]]:
    """Fetches of these hosts' documents, as far as they come before an answer."""
    fetches = [asyncio.create_task(http.fetch_document(f"https://{host}/c")) for host in hosts]
    for _ in range(10):
        await asyncio.sleep(0)
    return fetches


async def test_a_limited_number_of_sites_is_asked_at_once() -> None:
    waiting = 0
    answer = asyncio.Event()

    async def slowly(host: str) -> list[str]:
        nonlocal waiting
        waiting += 1
        await answer.wait()
        return ["127.0.0.1"]

    http = ClientDocumentHttp(PublicHttp(resolve=slowly))
    fetches = await begun(http, (f"site{n}.example" for n in range(3 * MOST_PARALLEL)))
    assert waiting == MOST_PARALLEL
    answer.set()
    assert all(isinstance(end, DocumentRefused) for end in await asyncio.gather(*fetches, return_exceptions=True))
    assert waiting == 3 * MOST_PARALLEL


async def test_a_domain_that_keeps_connections_open_holds_up_no_other_by_names_below_it() -> None:
    asked: list[str] = []
    answer = asyncio.Event()

    async def resolve(host: str) -> list[str]:
        asked.append(host)
        if host.endswith(HOST):
            await answer.wait()
        return ["127.0.0.1"]

    http = ClientDocumentHttp(PublicHttp(resolve=resolve))
    fetches = await begun(http, (f"{n}.{HOST}" for n in range(2 * MOST_PARALLEL)))
    assert len(asked) == MOST_PER_DOMAIN
    with pytest.raises(DocumentRefused, match="not public"):
        await http.fetch_document("https://other.example/c")
    answer.set()
    ends = await asyncio.gather(*fetches, return_exceptions=True)
    assert sum(isinstance(end, DocumentUnavailable) for end in ends) == 2 * MOST_PARALLEL - MOST_PER_DOMAIN
    with pytest.raises(DocumentRefused):
        await http.fetch_document(f"https://again.{HOST}/c")
