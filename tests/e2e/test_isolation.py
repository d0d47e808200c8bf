"""Two users, one process: neither's answers, errors or log lines ever hold what is the other's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from mcp import Client
from mcp.server.mcpserver import MCPServer
from mcp.shared.exceptions import MCPError

from outlook_mcp.app import App, open_app
from outlook_mcp.app.stdio import services_of
from outlook_mcp.identity.user import UserKey
from outlook_mcp.resources import CATALOGUE as RESOURCES
from outlook_mcp.sandbox import User
from outlook_mcp.server.email_server import EmailServer
from outlook_mcp.server.services import Services
from outlook_mcp.tools import EmailTools
from tests.answers import text_of
from tests.callers import FixedCaller
from tests.canaries import FIELDS, marked_messages
from tests.e2e.office import Office, call, cursor_of, draft_of, listed_ids, refusal, resource
from tests.effort import usually

CALLS = usually(20, thoroughly=1000)
MESSAGES = 12
ARRANGEMENTS = ("a vault each", "one vault")


@dataclass(frozen=True)
class Tenant:
    """One of the two users, at work; `name` is part of every canary of theirs."""

    user: User
    name: str
    client: Client

    @property
    def canary(self) -> str:
        return canary(self.name)


def canary(name: str) -> str:
    return f"zq{name}canary"


def fill(office: Office, user: User, name: str) -> None:
    box = office.mailbox(user)
    newest = datetime.now(UTC) - timedelta(days=1)
    for number, (message, folder) in enumerate(marked_messages(user, canary(name), count=MESSAGES, newest=newest)):
        if number % 3:
            message.references.append(f"<{canary(name)}{number - number % 3}@elsewhere.example>")
        box.insert_message(message, folder)


@asynccontextmanager
async def two_users(office: Office, arrangement: str) -> AsyncIterator[tuple[Tenant, Tenant]]:
    fill(office, office.alice, "alice")
    fill(office, office.bob, "bob")
    async with AsyncExitStack() as stack:
        if arrangement == "one vault":
            shared = str(office.folder / "shared")
            await office.sign_in(office.bob, data_dir=shared, profile="bob")
            configuration = await office.sign_in(office.alice, data_dir=shared, profile="alice")
            app = await stack.enter_async_context(open_app(configuration))
            servers = [server_for(app, user) for user in (office.alice, office.bob)]
            mine, theirs = [await stack.enter_async_context(Client(server)) for server in servers]
        else:
            mine = await stack.enter_async_context(office.client(office.alice))
            theirs = await stack.enter_async_context(office.client(office.bob))
        yield Tenant(office.alice, "alice", mine), Tenant(office.bob, "bob", theirs)


def server_for(app: App, user: User) -> EmailServer:
    """A server over the workspaces of `app`, which it shares with the servers of other users."""

    @asynccontextmanager
    async def lifespan(_: MCPServer[Services]) -> AsyncIterator[Services]:
        yield replace(services_of(app), caller=FixedCaller(UserKey(user.tid, user.oid)))

    offered = EmailTools(app.configuration.toolsets, read_only=False).offered
    return EmailServer(lifespan, tools=offered, resources=RESOURCES, name="outlook", subscriptions=False)


@pytest.fixture(params=ARRANGEMENTS)
def arrangement(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_interleaved_reading_never_shows_one_user_what_is_the_others(
    office: Office, arrangement: str, caplog: pytest.LogCaptureFixture
) -> None:
    # As `serve` sets it, whatever ran before: it logs whole URLs, here also those of the sandbox.
    caplog.set_level(logging.WARNING, logger="httpx")
    caplog.set_level(logging.DEBUG)
    async with two_users(office, arrangement) as (mine, theirs):
        answers, others = await asyncio.gather(read_everything(mine), read_everything(theirs))
    for own, texts, foreign in ((mine, answers, theirs), (theirs, others, mine)):
        seen = "\n".join(texts)
        assert len(texts) >= CALLS
        assert foreign.canary not in seen
        assert foreign.user.upn not in seen
        # Without its own canaries in every field the test would prove nothing.
        assert [field for field in FIELDS if own.canary + field not in seen] == []
    assert caplog.records
    leaked = {line.name for line in caplog.records if "canary" in line.getMessage() + str(line.exc_text)}
    assert leaked == set()


async def read_everything(tenant: Tenant) -> list[str]:
    """CALLS calls, every reading tool and resource in turn, for each message in turn."""
    client = tenant.client
    inbox = await call(client, "mail_search", folder="all")
    ids = listed_ids(inbox)
    assert len(ids) == MESSAGES
    kinds: list[Callable[[str], Awaitable[str]]] = [
        lambda _: call(client, "mail_search", folder="all"),
        lambda message_id: call(client, "mail_read", ids=[message_id]),
        lambda message_id: call(client, "mail_read", ids=ids, view="full"),
        lambda message_id: call(client, "mail_read", ids=[message_id], view="links"),
        lambda message_id: call(client, "mail_read", ids=[message_id], view="headers"),
        lambda message_id: call(client, "mail_read", ids=[message_id], thread=True),
        lambda message_id: call(client, "mail_attachment", id=message_id, n=1),
        lambda _: call(client, "mail_folders"),
        lambda _: call(client, "mail_search", text="harvest", folder="all", limit=5),
        lambda _: call(client, "mail_search", attachments=True, limit=3),
        lambda message_id: resource(client, f"outlook://me/messages/{message_id}"),
        lambda _: resource(client, "outlook://me/folders"),
        lambda _: refusal(client, "mail_read", ids=["888888"]),
    ]
    answers = [inbox]
    while len(answers) < CALLS:
        number = len(answers)
        answers.append(await kinds[number % len(kinds)](ids[number % len(ids)]))
    return answers


async def test_a_message_id_of_another_user_is_refused_by_every_tool(
    office: Office, arrangement: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with two_users(office, arrangement) as (mine, theirs):
        draft = draft_of(await call(theirs.client, "draft_save", subject=f"{theirs.canary} draft", to=["x@y.example"]))
        stored = office.stored(theirs.user, draft)
        letter = office.mailbox(theirs.user).messages.select("m.is_draft = 0", (), "m.id", 1)[0]
        before = snapshot(office, theirs.user)
        own = snapshot(office, mine.user)
        # One's own short ids name one's own messages, so only full ids can point abroad.
        for foreign in (letter.immutable_id, letter.id, stored.immutable_id, stored.id):
            for tool, arguments in uses_of(foreign):
                answer = text_of(await mine.client.call_tool(tool, arguments))
                assert "not" in answer, (tool, answer)
                assert "canary" not in answer, (tool, answer)
                assert theirs.user.upn not in answer
                assert not any(word in answer for word in ("is saved", "Sent '", "Updated", "Moved", "Copied"))
            with pytest.raises(MCPError) as refused:
                await resource(mine.client, f"outlook://me/messages/{foreign}")
            assert "canary" not in str(refused.value)
        assert snapshot(office, theirs.user) == before
        assert snapshot(office, mine.user) == own
    assert office.posts_to("/send") == 0
    assert not [line for line in caplog.records if "canary" in line.getMessage() + str(line.exc_text)]


def uses_of(foreign: str) -> list[tuple[str, dict[str, object]]]:
    """Every tool that takes an id, in every argument that takes one."""
    return [
        ("mail_read", {"ids": [foreign]}),
        ("mail_read", {"ids": [foreign, "888888"], "view": "full"}),
        ("mail_read", {"ids": [foreign], "view": "links"}),
        ("mail_read", {"ids": [foreign], "view": "headers"}),
        ("mail_read", {"ids": [foreign], "thread": True}),
        ("mail_attachment", {"id": foreign, "n": 1}),
        ("mail_update", {"ids": [foreign], "read": True}),
        ("mail_update", {"ids": [foreign, "888888"], "add_categories": ["Mine"]}),
        ("mail_move", {"ids": [foreign], "folder": "archive"}),
        ("mail_move", {"ids": [foreign], "folder": "archive", "copy": True}),
        ("mail_delete", {"ids": [foreign]}),
        ("mail_delete", {"ids": [foreign], "permanent": True}),
        ("draft_save", {"id": foreign, "subject": "Mine"}),
        ("draft_save", {"kind": "reply", "of": foreign, "body": "Mine"}),
        ("draft_save", {"kind": "reply_all", "of": foreign, "body": "Mine"}),
        ("draft_save", {"kind": "forward", "of": foreign, "to": ["x@y.example"]}),
        ("draft_save", {"subject": "Mine", "attach": [f"{foreign}/1"]}),
        ("mail_send", {"draft": foreign}),
    ]


async def test_a_cursor_of_another_user_is_refused(office: Office, arrangement: str) -> None:
    async with two_users(office, arrangement) as (mine, theirs):
        for arguments in ({"folder": "all", "limit": 2}, {"text": "harvest", "limit": 2}):
            cursor = cursor_of(await call(theirs.client, "mail_search", **arguments))
            assert cursor
            answer = await refusal(mine.client, "mail_search", cursor=cursor, **arguments)
            assert "is not one of this search" in answer
            assert "canary" not in answer


async def test_a_folder_id_and_the_words_of_another_user_find_nothing(office: Office, arrangement: str) -> None:
    async with two_users(office, arrangement) as (mine, theirs):
        folder = office.mailbox(theirs.user).folders.by_name("inbox").id
        for tool, argument in (("mail_search", "folder"), ("mail_folders", "under")):
            answer = await refusal(mine.client, tool, **{argument: folder})
            assert theirs.canary not in answer
        for field in FIELDS:
            answer = await call(mine.client, "mail_search", text=f"{theirs.canary}{field}", folder="all")
            assert listed_ids(answer) == []


def snapshot(office: Office, user: User) -> list[tuple[object, ...]]:
    """What the mailbox holds, and when each message was last changed."""
    messages = office.mailbox(user).messages.select("1 = 1", (), "m.id", 1000)
    return [(message.key, message.folder_id, message.row["change"], message.subject) for message in messages]
