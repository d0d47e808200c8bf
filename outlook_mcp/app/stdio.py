"""Builds `serve`: the MCP server of one local profile, over stdio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import anyio
from mcp.server.mcpserver import MCPServer

from outlook_mcp.answers.remedies import Audience
from outlook_mcp.app.mcp_server import build_mcp_server
from outlook_mcp.app.profile import App, open_app
from outlook_mcp.config import Configuration
from outlook_mcp.errors import OutlookError
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.server.email_server import EmailServer
from outlook_mcp.server.request_state import RequestStates
from outlook_mcp.server.services import Services, UnavailableServices
from outlook_mcp.server.settings import CallSettings

# By then a client has its lists, and a first call that comes at once has begun.
LOAD_AFTER_S = 0.3


def build_server(
    configuration: Configuration,
    settings: CallSettings | None = None,
    *,
    timing: OAuthTiming = OAuthTiming(),
    mail: MailSettings = MailSettings(),
    explain: Callable[[OutlookError], None] | None = None,
    load_after_s: float = LOAD_AFTER_S,
) -> EmailServer:
    """The MCP server of the local profile; it opens its components when it starts and closes them when it stops.

    When they cannot be opened, `explain` is called with the error and every call is answered with it; without
    `explain` the error is raised. Raises ConfigurationError at once when the client id is missing. `load_after_s`
    later it loads what the first call needs, unless that one came sooner.
    """
    configuration.require_client_id()

    states = RequestStates()

    @asynccontextmanager
    async def lifespan(_: MCPServer[Services]) -> AsyncIterator[Services | UnavailableServices]:
        async with AsyncExitStack() as stack:
            opened: Services | UnavailableServices
            try:
                app = await stack.enter_async_context(open_app(configuration, timing=timing, mail=mail))
                await states.derive_keys(app.components.vault, app.components.tickets)
                opened = services_of(app)
                await stack.enter_async_context(_loading(app, load_after_s))
            except OutlookError as error:
                if explain is None:
                    raise
                explain(error)
                opened = UnavailableServices(error)
            yield opened

    # A sign-in of the profile asks for the configured permissions and never for more.
    asked, saves = configuration.scopes, bool(configuration.allowed_folders)
    return build_mcp_server(configuration, lifespan, states, permissions=asked, settings=settings, saves_files=saves)


def build_unavailable_server(configuration: Configuration, error: OutlookError) -> EmailServer:
    """A server that offers what `configuration` says and answers every call with `error`.

    A client that cannot connect shows no reason; one that can shows the answer.
    """

    @asynccontextmanager
    async def lifespan(_: MCPServer[Services]) -> AsyncIterator[UnavailableServices]:
        yield UnavailableServices(error)

    return build_mcp_server(configuration, lifespan, RequestStates())


@asynccontextmanager
async def _loading(app: App, after_s: float) -> AsyncIterator[None]:
    """Loads the Graph SDK while a person thinks about what to ask."""

    async def load() -> None:
        await anyio.sleep(after_s)
        # What fails here fails again in the first call, which tells the person of it.
        with suppress(Exception):
            await app.workspaces.prepare()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(load)
        yield
        tasks.cancel_scope.cancel()


def services_of(app: App) -> Services:
    """The services that the calls of the profile use."""
    audience = Audience.LOCAL_CLIENT
    return Services(app.caller, app.mailboxes, app.workspaces, app.sign_ins, app.components.audit, audience)
