"""A sandbox, and the mailboxes of its users opened over real HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretBytes, SecretStr

from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.email_config import ChangeConfig, UserEmailConfig
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.attachment_requests import AttachmentRequests
from outlook_mcp.mail.message_requests import MessageRequests
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.sandbox import Sandbox, SandboxOptions, User, run_sandbox
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.sandbox.mime import parse
from outlook_mcp.sandbox.store.mail.grants import grant_rights
from outlook_mcp.workspace.manager import EmailWorkspaceManager
from outlook_mcp.workspace.shared import SharedByServers
from outlook_mcp.workspace.workspace import EmailWorkspace, graph_areas

ALL_SCOPES = ("Mail.ReadWrite", "Mail.Send", "User.Read", "MailboxSettings.ReadWrite")


@dataclass
class SandboxTokens:
    """Asks the sandbox for a token per user; `scopes` may be narrowed by a test."""

    sandbox: Sandbox
    scopes: tuple[str, ...] = ALL_SCOPES
    held: dict[UserKey, SecretStr] = field(default_factory=dict)

    async def access_token(
        self,
        user: UserKey,
        connection: ConnectionId | None = None,
        *,
        claims: str | None = None,
        rejected: SecretStr | None = None,
    ) -> SecretStr:
        if user not in self.held or claims or rejected:
            order = {"user": user.oid, "scopes": list(self.scopes)}
            async with httpx.AsyncClient(trust_env=False) as http:
                answer = await http.post(f"{self.sandbox.http_url}/_sandbox/token", json=order)
            self.held[user] = SecretStr(answer.raise_for_status().json()["access_token"])
        return self.held[user]


@dataclass
class KeptConfigs:
    """Mail settings in memory."""

    kept: dict[tuple[UserKey, str | None], UserEmailConfig] = field(default_factory=dict)

    async def config_of(self, user: UserKey, connection: ConnectionId | None = None) -> UserEmailConfig | None:
        return self.kept.get((user, connection))

    async def change_config(
        self, user: UserKey, change: ChangeConfig, connection: ConnectionId | None = None
    ) -> UserEmailConfig | None:
        changed = change(self.kept.get((user, connection)))
        if changed is not None:
            self.kept[user, connection] = changed
        return self.kept.get((user, connection))

    async def delete_config(self, user: UserKey, connection: ConnectionId | None = None) -> None:
        self.kept.pop((user, connection), None)


@dataclass
class MarksInMemory:
    """Marks and values as `Tickets` keeps them, which never expire."""

    kept: set[tuple[str, str]] = field(default_factory=set)
    values: dict[tuple[str, str], bytes] = field(default_factory=dict)

    async def mark_handle(self, purpose: str, handle: SecretStr, /, *, lifetime_s: float) -> bool:
        key = (purpose, handle.get_secret_value())
        if key in self.kept:
            return False
        self.kept.add(key)
        return True

    async def put_ticket(self, purpose: str, handle: SecretStr, value: bytes, /, *, lifetime_s: float) -> None:
        self.values[purpose, handle.get_secret_value()] = value

    async def read_ticket(self, purpose: str, handle: SecretStr, /) -> bytes | None:
        return self.values.get((purpose, handle.get_secret_value()))

    async def discard_ticket(self, purpose: str, handle: SecretStr, /) -> None:
        self.kept.discard((purpose, handle.get_secret_value()))
        self.values.pop((purpose, handle.get_secret_value()), None)


@dataclass
class CounterInMemory:
    """Counts as a store does; no window ever passes."""

    counts: Counter[str] = field(default_factory=Counter)

    async def increment_counter(self, name: str, *, window_s: float, by: int = 1) -> int:
        self.counts[name] += by
        return self.counts[name]


@dataclass
class UserTicketsInMemory:
    """Tickets as `UserTickets` keeps them, which never expire."""

    kept: dict[tuple[UserKey, str, str], bytes] = field(default_factory=dict)

    async def put_ticket(self, user: UserKey, purpose: str, name: str, value: bytes, /, *, lifetime_s: float) -> None:
        self.kept[user, purpose, name] = value

    async def read_ticket(self, user: UserKey, purpose: str, name: str, /) -> bytes | None:
        return self.kept.get((user, purpose, name))

    async def discard_ticket(self, user: UserKey, purpose: str, name: str, /) -> bool:
        return self.kept.pop((user, purpose, name), None) is not None


CURSOR_KEY = SecretBytes(bytes(range(32)))
CHECK_KEY = SecretBytes(bytes(range(32, 64)))


def shared_in_memory() -> SharedByServers:
    """What mailboxes share, as if there were one server."""
    marks = MarksInMemory()
    return SharedByServers(
        cursor_key=CURSOR_KEY,
        check_key=CHECK_KEY,
        marks=marks,
        kept=marks,
        counter=CounterInMemory(),
        selections=UserTicketsInMemory(),
    )


@dataclass
class World:
    """A sandbox and what stands on it; requests are counted from the last `forget`."""

    sandbox: Sandbox
    tokens: SandboxTokens
    configs: KeptConfigs
    manager: EmailWorkspaceManager

    def user(self, name: str) -> User:
        return next(user for user in self.sandbox.users if user.upn.startswith(f"{name}@"))

    def key(self, name: str) -> UserKey:
        user = self.user(name)
        return UserKey(user.tid, user.oid)

    async def mailbox(self, name: str = "alice") -> EmailWorkspace:
        return await self.manager.open_workspace(self.key(name))

    async def reopened(self, name: str = "alice") -> EmailWorkspace:
        """The mailbox, which remembers nothing."""
        self.manager.forget(self.key(name))
        return await self.mailbox(name)

    def faults(self, *faults: dict[str, Any]) -> None:
        self.sandbox.faults.replace_rules([Fault(**fault) for fault in faults])

    def requests(self, method: str = "", ending: str = "") -> list[str]:
        return [
            f"{record.method} {record.path}"
            for record in self.sandbox.log.records
            if record.method.startswith(method) and record.path.lower().endswith(ending)
        ]

    def deliver(self, to: str = "alice", **fields: Any) -> Any:
        """A plain message into somebody's inbox; `attachments` are (name, type, bytes). See `deliver_mime`."""
        headers = {
            "From": fields.get("sender", "Grace Green <grace@partner.example>"),
            "To": self.user(to).upn,
            "Subject": fields.get("subject", "Hello"),
            "Message-ID": fields.get("message_id", f"<{uuid4().hex}@partner.example>"),
            "In-Reply-To": fields.get("reply_to"),
            "References": fields.get("reply_to"),
            "Date": fields.get("date"),
        }
        given = {name: str(value) for name, value in headers.items() if value}
        return self.deliver_mime(to, written(given, fields.get("text", "Good morning."), fields.get("attachments", ())))

    def deliver_mime(self, to: str, raw: bytes) -> Any:
        """Any message; the answer is its immutable id, which is a message id and a handle, too."""
        return self.sandbox.store.mailbox(self.user(to).oid).insert_message(parse(raw)).immutable_id


def written(headers: dict[str, str], text: str, attachments: Sequence[tuple[str, str, bytes]]) -> bytes:
    """A message as it is sent. The library's writer takes milliseconds, so it writes only what needs it."""
    lines = [f"{name}: {value}" for name, value in headers.items()]
    plain = "\n".join([*lines, "", text, ""])
    if not attachments and plain.isascii() and all(len(line) < 78 for line in lines):
        return plain.encode()
    message = EmailMessage()
    for name, value in headers.items():
        message[name] = value
    message.set_content(text)
    for name, kind, content in attachments:
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def requests_of(workspace: EmailWorkspace) -> MessageRequests:
    """Requests by full ids into the same mailbox."""
    return MessageRequests(workspace.mail)


def attachments_of(workspace: EmailWorkspace) -> AttachmentRequests:
    """The same for attachments."""
    return AttachmentRequests(workspace.mail)


@pytest.fixture
def seeded() -> bool:
    """Tests that want empty mailboxes override this."""
    return True


@pytest.fixture
def mail_settings() -> MailSettings:
    """Tests that want other limits override this."""
    return MailSettings()


@pytest.fixture
async def world(seeded: bool, seeded_state: Path, mail_settings: MailSettings) -> AsyncIterator[World]:
    options = SandboxOptions(control=True, seed=seeded, state=seeded_state if seeded else None)
    async with run_sandbox(options) as sandbox:
        tokens, configs = SandboxTokens(sandbox), KeptConfigs()
        factory = EmailClientFactory(GraphSettings(base_url=sandbox.graph_url, deadline_s=10.0), tokens, graph_areas)
        try:
            manager = EmailWorkspaceManager(factory, configs, shared=shared_in_memory(), mail_settings=mail_settings)
            yield World(sandbox, tokens, configs, manager)
        finally:
            await manager.aclose()
            await factory.aclose()


@pytest.fixture
async def alice(world: World) -> EmailWorkspace:
    return await world.mailbox("alice")


@pytest.fixture
def team(world: World) -> str:
    """The address of a mailbox that Alice may open and Bob may not."""
    alice, address = world.user("alice"), "team@contoso.example"
    mailbox = world.sandbox.store.add_mailbox(alice.tid, "dddddddd-0000-4000-8000-000000000004", address, "Team")
    grant_rights(mailbox, alice.oid, ["full_access"])
    world.tokens.scopes = (*ALL_SCOPES, "Mail.ReadWrite.Shared", "User.ReadBasic.All")
    return address
