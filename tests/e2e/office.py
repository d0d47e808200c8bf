"""The real server before the real sandbox: sign-in, MCP clients, and what the mailboxes hold afterwards."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.types import TextResourceContents

from outlook_mcp.app import open_app
from outlook_mcp.app.stdio import build_server
from outlook_mcp.config import Configuration
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.sandbox import Sandbox, User
from outlook_mcp.sandbox.message import Address, Attachment, Message
from outlook_mcp.sandbox.store import Mailbox
from outlook_mcp.sandbox.store.core.ids import immutable_id
from outlook_mcp.sandbox.store.mail.rows import StoredMessage
from tests.answers import text_of
from tests.sign_ins import sign_in

MODES = ("auto", "legacy")
_LISTED = re.compile(r"^(\S+) \d\d:\d\d", re.MULTILINE)
_CURSOR = re.compile(r"cursor=(\S+)")
_DRAFT = re.compile(r"^Draft (\S+) is saved", re.MULTILINE)


@dataclass(frozen=True)
class Office:
    """A sandbox and a folder for the vaults; every user has a vault of their own unless told otherwise."""

    sandbox: Sandbox
    folder: Path

    @property
    def alice(self) -> User:
        return self.sandbox.users[0]

    @property
    def bob(self) -> User:
        return self.sandbox.users[1]

    def configuration(self, user: User, **settings: Any) -> Configuration:
        own = {
            "client_id": self.sandbox.public_client_id,
            "tenant": user.tid,
            "authority": self.sandbox.http_url,
            "graph_url": self.sandbox.graph_url,
            "data_dir": str(self.folder / user.oid),
            "login_hint": user.upn,
        }
        return Configuration.load({**own, **settings})

    async def sign_in(self, user: User, **settings: Any) -> Configuration:
        configuration = self.configuration(user, **settings)
        async with open_app(configuration) as app:
            await sign_in(app)
        return configuration

    @asynccontextmanager
    async def client(
        self, user: User, *, mode: str = "auto", mail: MailSettings = MailSettings(), **settings: Any
    ) -> AsyncIterator[Client]:
        """A client of the server of `user`, who is signed in."""
        configuration = await self.sign_in(user, **settings)
        async with Client(build_server(configuration, mail=mail), mode=mode) as client:
            yield client

    def mailbox(self, user: User) -> Mailbox:
        return self.sandbox.store.mailbox(user.oid)

    def stored(self, user: User, handle: str) -> StoredMessage:
        """The message behind an id from an answer, short or full. Raises ItemNotFound."""
        mailbox = self.mailbox(user)
        full = immutable_id(mailbox.account.guid, int(handle)) if handle.isdecimal() else handle
        return mailbox.messages.by_id(full)

    def posts_to(self, ending: str) -> int:
        return sum(record.method == "POST" and record.path.endswith(ending) for record in self.sandbox.log.records)


async def call(client: Client, tool: str, **arguments: Any) -> str:
    """The text of an answer that is no error."""
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, text_of(answer)
    return text_of(answer)


async def refusal(client: Client, tool: str, **arguments: Any) -> str:
    """The text of an error."""
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error, text_of(answer)
    return text_of(answer)


def listed_ids(answer: str) -> list[str]:
    return _LISTED.findall(answer)


def cursor_of(answer: str) -> str | None:
    found = _CURSOR.search(answer)
    return found and found[1]


def draft_of(answer: str) -> str:
    found = _DRAFT.search(answer)
    assert found, answer
    return found[1]


async def list_all(client: Client, **arguments: Any) -> list[str]:
    """Every id of a list, page after page until it says that it is complete."""
    found: list[str] = []
    answer = await call(client, "mail_search", **arguments)
    for _ in range(200):
        found += listed_ids(answer)
        cursor = cursor_of(answer)
        if cursor is None:
            assert "the list is complete" in answer
            return found
        answer = await call(client, "mail_search", cursor=cursor, **arguments)
    raise AssertionError("The list has no end.")


async def resource(client: Client, uri: str) -> str:
    contents = (await client.read_resource(uri)).contents
    return "\n".join(content.text for content in contents if isinstance(content, TextResourceContents))


def letter(subject: str, *, minutes: int = 0, body: str = "Hello Alice.") -> Message:
    """From Bob to Alice and Carol; `minutes` ago."""
    return Message(
        subject=subject,
        body=f"<p>{body}</p>",
        body_type="html",
        from_=Address("bob@contoso.example", "Bob Brandt"),
        sender=Address("bob@contoso.example", "Bob Brandt"),
        to=[Address("alice@contoso.example", "Alice Archer"), Address("carol@contoso.example", "Carol Castellano")],
        received=datetime.now(UTC) - timedelta(days=1, minutes=minutes),
    )


def with_file(subject: str, name: str, content: bytes) -> Message:
    message = letter(subject)
    message.attachments.append(Attachment(name, "text/plain", content))
    return message


@asynccontextmanager
async def one_letter(office: Office, mode: str, message: Message) -> AsyncIterator[tuple[Client, str]]:
    """Alice's client and the id of the only message in her inbox."""
    office.mailbox(office.alice).insert_message(message)
    async with office.client(office.alice, mode=mode) as client:
        (found,) = listed_ids(await call(client, "mail_search"))
        yield client, found
