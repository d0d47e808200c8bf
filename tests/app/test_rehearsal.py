"""The search that a server makes for nobody before there is a call."""

from __future__ import annotations

import aiohttp
import pytest

from outlook_mcp.app.rehearsal import rehearse_search
from outlook_mcp.mail.folders import MailFolders
from outlook_mcp.telemetry.events import GraphExchange, McpCall, observed_by


class _Told:
    """An observer of the process that must not be told of anything."""

    def __init__(self) -> None:
        self.events: list[object] = []

    def call_ended(self, call: McpCall) -> None:
        self.events.append(call)

    def graph_throttled(self) -> None:
        self.events.append("throttled")

    def graph_answered(self, exchange: GraphExchange) -> None:
        self.events.append(exchange)

    def token_refreshed(self, *told: str) -> None:
        self.events.append(told)

    def request_refused(self, reason: str) -> None:
        self.events.append(reason)


async def test_a_search_is_rehearsed_to_its_end_and_nobody_hears_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiohttp.ClientSession, "_request", None)
    places = []
    usual = MailFolders.special_places

    async def special_places(folders: MailFolders) -> object:
        places.append(await usual(folders))
        return places[-1]

    monkeypatch.setattr(MailFolders, "special_places", special_places)
    told = _Told()
    with observed_by(told):
        await rehearse_search()
    # The last that a search asks for.
    assert places
    assert told.events == []
