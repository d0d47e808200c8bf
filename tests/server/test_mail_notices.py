"""Microsoft Graph tells of new mail, which is then looked for at once; what is forged, lost or refused does no harm."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette

from outlook_mcp.net.clock import unix_time
from outlook_mcp.oauth.connections.mailbox_choice import Mailboxes
from outlook_mcp.sandbox.store.mail.subscriptions import Subscription
from outlook_mcp.server.inbox_watch import InboxWatch, WatchSettings
from outlook_mcp.server.mail_notices import MailNotices
from outlook_mcp.server.subscription_bus import INBOX
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.http.notices import NOTICES_PATH, notice_routes
from tests.graph.scripted_graph import serving
from tests.server.test_inbox_watch import DefaultMailbox, ToldUsers, patience
from tests.vaults import vault_in
from tests.workspace.conftest import World, mail_settings, world

__all__ = ["mail_settings", "world"]
# Polling finds nothing within a test: only what Graph tells is looked for.
SELDOM = WatchSettings(every_s=3600.0)


@pytest.fixture
def seeded() -> bool:
    return False


@dataclass
class Server:
    world: World
    vault: CredentialVault
    tickets: Tickets
    watch: InboxWatch
    notices: MailNotices
    bus: ToldUsers
    url: str

    @property
    def subscriptions(self) -> list[Subscription]:
        return self.world.sandbox.store.subscriptions.of_user(self.world.user("alice").oid)

    async def state(self) -> dict[str, Any]:
        record = await self.vault.get_record(RecordKey(self.world.key("alice"), "inbox_subscription", "mailbox"))
        assert record is not None
        return cast(dict[str, Any], json.loads(record.value))

    async def post(self, body: bytes, **query: str) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as http:
            return await http.post(self.url, content=body, params=query)


@pytest.fixture
async def server(world: World, tmp_path: Any) -> AsyncIterator[Server]:
    vault = vault_in(tmp_path)
    await vault.open_or_create()
    tickets = Tickets(vault, Digests(await vault.derive_key("digests")))
    app = Starlette()
    async with serving(app) as origin:
        mailboxes = cast(Mailboxes, DefaultMailbox())
        notices = MailNotices(f"{origin}{NOTICES_PATH}", mailboxes, world.manager, vault, tickets)
        bus = ToldUsers()
        watch = InboxWatch(mailboxes, world.manager, vault, bus, notices=notices, settings=SELDOM)
        app.router.routes += notice_routes(watch.take_notices)
        yield Server(world, vault, tickets, watch, notices, bus, f"{origin}{NOTICES_PATH}")
    await vault.close()


@asynccontextmanager
async def listening(server: Server) -> AsyncIterator[None]:
    """Alice listens, and the first look has ended."""
    alice = server.world.key("alice")
    await server.notices.keep_subscribed(alice)
    await server.watch.look(alice)
    async with server.watch.running():
        yield


async def test_new_mail_is_told_as_soon_as_graph_tells_of_it_once_and_to_its_user_alone(server: Server) -> None:
    async with listening(server), patience():
        (subscription,) = server.subscriptions
        assert subscription.lifecycle_url == subscription.notification_url == server.url
        assert len(subscription.client_state or "") >= 43
        server.world.deliver(subject="One")
        await server.bus.heard.wait()
    assert server.bus.told == [(server.world.key("alice"), INBOX)]
    await server.notices.keep_subscribed(server.world.key("alice"))
    assert len(server.subscriptions) == 1


async def test_a_notice_without_the_secret_does_nothing_and_a_validation_request_is_echoed(server: Server) -> None:
    async with listening(server):
        requests = len(server.world.requests())
        for body in (
            b'{"value":[{"clientState":"guessed"}]}',
            b'{"value":[{"clientState":5},7,{}]}',
            # Half of a character, which no bytes stand for.
            b'{"value":[{"clientState":"\\ud800"}]}',
            b'{"value":"x"}',
            b"[]",
        ):
            assert (await server.post(body)).status_code == 202
        assert (await server.post(b"{")).status_code == 400
        assert len(server.world.requests()) == requests
        echoed = await server.post(b"", validationToken="<script>1</script>")
        assert (echoed.text, echoed.headers["content-type"]) == ("<script>1</script>", "text/plain; charset=utf-8")
        assert (await server.post(b"", validationToken="x" * 3000)).status_code == 400


@pytest.mark.parametrize("event", ["reauthorizationRequired", "subscriptionRemoved", "missed"])
async def test_what_graph_tells_of_the_subscription_itself_is_followed(server: Server, event: str) -> None:
    alice = server.world.key("alice")
    async with listening(server), patience():
        (before,) = server.subscriptions
        if event == "subscriptionRemoved":
            server.world.sandbox.store.subscriptions.remove_subscription(before)
        known = await server.notices.users_told(
            {"value": [{"clientState": before.client_state, "lifecycleEvent": event}]}
        )
        assert known == {alice}
        is_due = (await server.state()).get("due_at", 0.0) <= unix_time()
        assert is_due is (event != "missed")
        await server.notices.keep_subscribed(alice)
        (after,) = server.subscriptions
        assert (after.id == before.id) is (event != "subscriptionRemoved")


async def test_a_refused_subscription_leaves_the_looking_and_is_not_tried_again_at_once(server: Server) -> None:
    alice = server.world.key("alice")
    server.world.faults({"route": "/v1.0/subscriptions", "status": 403})
    for _ in range(3):
        await server.notices.keep_subscribed(alice)
    assert len(server.world.requests("POST", "/subscriptions")) == 1
    await server.watch.look(alice)
    server.world.deliver()
    await server.watch.look(alice)
    assert server.bus.told == [(alice, INBOX)]
