"""A scripted Graph and clients for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.mail.area import MAIL
from tests.graph.scripted_graph import ALICE, ScriptedGraph, Tokens, factory_for, serving


@pytest.fixture
async def graph() -> AsyncIterator[ScriptedGraph]:
    scripted = ScriptedGraph()
    async with serving(scripted) as url:
        scripted.url = url
        yield scripted


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
async def factory(graph: ScriptedGraph, tokens: Tokens) -> AsyncIterator[EmailClientFactory]:
    async with factory_for(graph, tokens, deadline_s=30.0) as made:
        yield made


@pytest.fixture
def client(factory: EmailClientFactory) -> GraphClient:
    return factory.for_user(ALICE, None, MAIL)
