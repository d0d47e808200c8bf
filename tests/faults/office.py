"""A sandbox, and the server before it, whose pauses are short."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from mcp import Client
from mcp.server.mcpserver import MCPServer

from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.mail.unsubscribing.unsubscriber import OneClick
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.integration_service import default_of, named
from outlook_mcp.oauth.connections.mailbox_choice import Mailboxes
from outlook_mcp.prompts import CATALOGUE as PROMPTS
from outlook_mcp.resources import CATALOGUE as RESOURCES
from outlook_mcp.sandbox import Sandbox, SandboxOptions, User, run_sandbox
from outlook_mcp.sandbox.store import Mailbox
from outlook_mcp.server.declare import EmailTool
from outlook_mcp.server.email_server import EmailServer
from outlook_mcp.server.services import Services
from outlook_mcp.tools import CATALOGUE
from outlook_mcp.workspace.manager import EmailWorkspaceManager
from outlook_mcp.workspace.workspace import graph_areas
from tests.audit_logs import audit_log
from tests.callers import FixedCaller
from tests.sign_ins import OneSignIn
from tests.workspace.conftest import ALL_SCOPES, KeptConfigs, SandboxTokens, shared_in_memory

DEADLINE_S = 0.3
SETTINGS = MailSettings(poll_s=0.1, settle_s=1.0, most_emptied=15, sends_per_hour=10_000, recipients_per_hour=10_000)
SCOPES = (*ALL_SCOPES, "Contacts.ReadWrite", "People.Read", "Calendars.ReadWrite")


@dataclass(frozen=True)
class OneMailbox:
    """The only mailbox of its user."""

    connection: Connection

    async def choose(self, user: UserKey, account: str | None) -> Connection:
        connections = (self.connection,)
        return default_of(connections) if account is None else named(connections, account)

    async def connections_of(self, user: UserKey) -> Sequence[Connection]:
        return (self.connection,)


@dataclass
class OneClickInMemory:
    """Keeps what is posted to sites of mailing lists, which answer with the status or the error `outcome`."""

    posted: list[tuple[str, str]] = field(default_factory=list)
    outcome: int | Exception = 200

    async def __call__(self, url: str, body: str, /) -> int:
        self.posted.append((url, body))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@dataclass(frozen=True)
class Office:
    """`hasty` is a client of a server that gives Graph less than a second to answer; `log` is that of the other one."""

    sandbox: Sandbox
    client: Client
    hasty: Client
    log: Path
    one_click: OneClickInMemory

    @property
    def alice(self) -> Mailbox:
        return self.sandbox.store.mailbox(self.sandbox.users[0].oid)

    @property
    def bob(self) -> Mailbox:
        return self.sandbox.store.mailbox(self.sandbox.users[1].oid)

    @property
    def bobs_address(self) -> str:
        return self.sandbox.users[1].upn


@asynccontextmanager
async def open_office(
    folder: Path, *, structured: bool = False, in_front: Callable[[str], AbstractAsyncContextManager[str]] | None = None
) -> AsyncIterator[Office]:
    """Everything is in this process; Graph is asked over HTTP. With `structured` answers have structured content.

    `in_front` opens what stands before the sandbox, whose address it is given; it yields its own.
    """
    async with AsyncExitStack() as stack:
        options = SandboxOptions(control=True, seed=False, concurrency=0)
        sandbox = await stack.enter_async_context(run_sandbox(options))
        graph_url = await stack.enter_async_context(in_front(sandbox.graph_url)) if in_front else sandbox.graph_url
        one_click = OneClickInMemory()
        tools = [tool.with_fields() for tool in CATALOGUE] if structured else CATALOGUE
        logs = [folder / f"{deadline_s}.log" for deadline_s in (10.0, DEADLINE_S)]
        alice = sandbox.users[0]
        client, hasty = [
            (
                await stack.enter_async_context(
                    outlook_of(
                        sandbox,
                        alice,
                        log,
                        deadline_s=deadline_s,
                        one_click=one_click,
                        tools=tools,
                        graph_url=graph_url,
                    )
                )
            ).client
            for log, deadline_s in zip(logs, (10.0, DEADLINE_S), strict=True)
        ]
        yield Office(sandbox, client, hasty, logs[0], one_click)


@dataclass(frozen=True)
class Outlook:
    """A client of one user, and what its server keeps of their mailbox."""

    client: Client
    workspaces: EmailWorkspaceManager
    configs: KeptConfigs


@asynccontextmanager
async def outlook_of(
    sandbox: Sandbox,
    user: User,
    log: Path,
    *,
    deadline_s: float = 10.0,
    one_click: OneClick | None = None,
    mail_settings: MailSettings = SETTINGS,
    tools: Sequence[EmailTool] = CATALOGUE,
    graph_url: str | None = None,
) -> AsyncIterator[Outlook]:
    """The tools for the mailbox of this user of the sandbox, in this process; Graph is asked over HTTP."""
    connection = _connection(user)
    settings = GraphSettings(base_url=graph_url or sandbox.graph_url, deadline_s=deadline_s, backoff_s=0.0)
    factory = EmailClientFactory(settings, SandboxTokens(sandbox, SCOPES), graph_areas)
    configs = KeptConfigs()
    workspaces = EmailWorkspaceManager(
        factory,
        configs,
        shared=shared_in_memory(),
        mail_settings=mail_settings,
        one_click=one_click,
    )
    mailboxes = cast(Mailboxes, OneMailbox(connection))

    @asynccontextmanager
    async def lifespan(_: MCPServer[Services]) -> AsyncIterator[Services]:
        yield Services(FixedCaller(connection.owner), mailboxes, workspaces, OneSignIn(), audit_log(log))

    server = EmailServer(
        lifespan, tools=tools, resources=RESOURCES, prompts=PROMPTS, name="outlook", log_level="WARNING"
    )
    try:
        async with Client(server, mode="legacy") as client:
            yield Outlook(client, workspaces, configs)
    finally:
        await factory.aclose()


def _connection(user: User) -> Connection:
    """The only mailbox that they connected: their own."""
    return Connection(
        id=ConnectionId("own"),
        owner=UserKey(user.tid, user.oid),
        name="own",
        tid=user.tid,
        oid=user.oid,
        address=user.upn,
        display_name=user.display_name,
        scopes=SCOPES,
        connected_at=datetime.now(UTC),
        is_default=True,
    )
