"""Two users at one server over HTTP: neither's answers, errors or log lines ever hold what is the other's."""

from __future__ import annotations

import asyncio
import io
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from outlook_mcp.cli.logs import log_to_stderr
from outlook_mcp.sandbox import Sandbox, SandboxOptions, User, run_sandbox
from tests.canaries import FIELDS, marked_messages
from tests.effort import usually
from tests.one_task import in_one_task
from tests.web.site.conversation import LEGACY, MODERN, Conversation, final
from tests.web.site.served import ALICE, BOB, Served, served
from tests.web.site.site_user import SiteUser

pytestmark = pytest.mark.asyncio(loop_scope="module")
CALLS = usually(15, thoroughly=500)
MESSAGES = 6
LISTED = re.compile(r"^(\S+) \d\d:\d\d", re.MULTILINE)
EVERYTHING = "mail.read mail.write mail.send"


def canary(address: str) -> str:
    return f"zq{address.partition('@')[0]}canary"


def fill(sandbox: Sandbox, user: User) -> None:
    newest = datetime.now(UTC) - timedelta(days=1)
    for message, folder in marked_messages(user, canary(user.upn), count=MESSAGES, newest=newest):
        sandbox.store.mailbox(user.oid).insert_message(message, folder)


@dataclass(frozen=True)
class Tenant:
    """A user and their clients of both eras."""

    person: SiteUser
    clients: tuple[Conversation, ...]

    @property
    def canary(self) -> str:
        return canary(self.person.address)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with in_one_task(run_sandbox(SandboxOptions(seed=False))) as sandbox:
        for user in sandbox.users[:2]:
            fill(sandbox, user)
        folder = tmp_path_factory.mktemp("site")
        # A thorough run makes more calls in a minute than a user may.
        limit = 100 * CALLS
        async with in_one_task(
            served(sandbox, folder, stateless=False, log_level="debug", requests_per_minute=limit)
        ) as site:
            yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tenants(site: Served) -> AsyncIterator[tuple[Tenant, Tenant]]:
    """Each lets in three clients: a modern one, one with a session, and one that opened none."""
    async with SiteUser(site, ALICE) as alice, SiteUser(site, BOB) as bob:
        mine, theirs = [Tenant(person, await clients_of(person)) for person in (alice, bob)]
        yield mine, theirs


async def clients_of(person: SiteUser) -> tuple[Conversation, ...]:
    clients = [await person.converse(version, EVERYTHING) for version in (MODERN, LEGACY)]
    for client in clients:
        await client.begin()
    assert [client.session is None for client in clients] == [True, False]
    return tuple(clients)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a server writes that was told to log all it can."""
    root, written = logging.getLogger(), io.StringIO()
    level, before = root.level, root.handlers[:]
    levels = {logger: logger.level for logger in root.manager.loggerDict.values() if isinstance(logger, logging.Logger)}
    log_to_stderr("debug")
    added = [
        handler for handler in root.handlers if handler not in before and isinstance(handler, logging.StreamHandler)
    ]
    for handler in added:
        handler.setStream(written)
    yield written
    for handler in added:
        root.removeHandler(handler)
    root.setLevel(level)
    for logger in root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.setLevel(levels.get(logger, logging.NOTSET))


async def test_interleaved_calls_of_both_eras_never_show_a_user_data_of_another(
    tenants: tuple[Tenant, Tenant], log: io.StringIO
) -> None:
    readings = await asyncio.gather(
        *(read_everything(client) for number in range(2) for client in (tenant.clients[number] for tenant in tenants))
    )
    for number, own in enumerate(tenants):
        foreign = tenants[1 - number]
        for texts in readings[number::2]:
            seen = "\n".join(texts)
            assert len(texts) >= CALLS
            assert foreign.canary not in seen
            assert foreign.person.address not in seen
            assert foreign.person.key.oid not in seen
            # Without its own canaries in every field the test would prove nothing.
            assert [field for field in FIELDS if own.canary + field not in seen] == []
    written = log.getvalue()
    assert "GET /v1.0/me/messages" in written
    assert [line for line in written.splitlines() if "canary" in line] == []


async def read_everything(client: Conversation) -> list[str]:
    """CALLS answers as they came over the wire: every reading tool, resource and mistake in turn."""
    inbox = await client.text("mail_search", folder="all")
    ids = LISTED.findall(inbox)
    assert len(ids) == MESSAGES
    kinds: list[Callable[[str], Awaitable[str]]] = [
        lambda _: wire(client, "mail_search", folder="all"),
        lambda message_id: wire(client, "mail_read", ids=[message_id]),
        lambda _: wire(client, "mail_read", ids=ids, view="full"),
        lambda message_id: wire(client, "mail_read", ids=[message_id], view="links"),
        lambda message_id: wire(client, "mail_read", ids=[message_id], view="headers"),
        lambda message_id: wire(client, "mail_read", ids=[message_id], thread=True),
        lambda message_id: wire(client, "mail_attachment", id=message_id, n=1),
        lambda _: wire(client, "mail_folders"),
        lambda _: wire(client, "mail_search", text="harvest", folder="all", limit=5),
        lambda message_id: resource(client, f"outlook://me/messages/{message_id}"),
        lambda _: resource(client, "outlook://me/folders"),
        lambda _: wire(client, "mail_read", ids=["888888"]),
        lambda message_id: wire(client, "mail_update", ids=[message_id], read=True),
        lambda _: wire(client, "mail_search", account="nobody@contoso.example"),
    ]
    answers = [inbox]
    while len(answers) < CALLS:
        number = len(answers)
        answers.append(await kinds[number % len(kinds)](ids[number % len(ids)]))
    return answers


async def wire(client: Conversation, tool: str, **arguments: Any) -> str:
    answer = await client.call(tool, **arguments)
    assert answer.status_code == 200
    return answer.text


async def resource(client: Conversation, uri: str) -> str:
    return (await client.send("resources/read", {"uri": uri})).text


async def test_an_id_of_another_user_is_refused_by_every_tool_over_http(
    site: Served, tenants: tuple[Tenant, Tenant], log: io.StringIO
) -> None:
    mine, theirs = tenants
    box = site.sandbox.store.mailbox(theirs.person.key.oid)
    letter = box.messages.select("m.is_draft = 0", (), "m.id", 1)[0]
    before = snapshot(site.sandbox, theirs.person)
    for client in mine.clients:
        for foreign in (letter.immutable_id, letter.id):
            for tool, arguments in uses_of(foreign):
                answer = await wire(client, tool, **arguments)
                assert "canary" not in answer, tool
                assert theirs.person.address not in answer
                assert not any(word in answer for word in ("is saved", "Sent '", "Updated", "Moved", "Copied"))
            refused = final(await client.send("resources/read", {"uri": f"outlook://me/messages/{foreign}"}))
            assert "canary" not in str(refused["error"])
    assert snapshot(site.sandbox, theirs.person) == before
    assert "canary" not in log.getvalue()


def uses_of(foreign: str) -> list[tuple[str, dict[str, Any]]]:
    """Every tool that takes an id."""
    return [
        ("mail_read", {"ids": [foreign], "view": "full"}),
        ("mail_read", {"ids": [foreign], "thread": True}),
        ("mail_attachment", {"id": foreign, "n": 1}),
        ("mail_update", {"ids": [foreign], "read": True}),
        ("mail_move", {"ids": [foreign], "folder": "archive"}),
        ("mail_delete", {"ids": [foreign]}),
        ("draft_save", {"kind": "reply", "of": foreign, "body": "Mine"}),
        ("mail_send", {"draft": foreign}),
    ]


def snapshot(sandbox: Sandbox, person: SiteUser) -> list[tuple[object, ...]]:
    """What the mailbox holds, and when each message was last changed."""
    messages = sandbox.store.mailbox(person.key.oid).messages.select("1 = 1", (), "m.id", 1000)
    return [(message.key, message.folder_id, message.row["change"], message.subject) for message in messages]


async def test_no_page_shows_a_user_data_of_another(site: Served, tenants: tuple[Tenant, Tenant]) -> None:
    mine, theirs = tenants
    page = await mine.person.open("/account")
    assert mine.person.address in page.text
    (connection,) = await site.site.components.connections.connections_of(theirs.person.key)
    sessions = await site.site.sessions.sessions_of(theirs.person.key)
    for foreign in (theirs.person.address, theirs.person.key.oid, connection.id, *(session.id for session in sessions)):
        assert foreign not in page.text


async def test_no_file_on_disk_holds_mail_or_tokens(site: Served, tenants: tuple[Tenant, Tenant]) -> None:
    """Vault and audit log, as they lie there after all these calls."""
    kept = await asyncio.to_thread(bytes_below, site.site.components.configuration.data_dir)
    assert kept
    assert b"canary" not in kept
    for tenant in tenants:
        for client in tenant.clients:
            assert client.token.encode() not in kept


def bytes_below(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
