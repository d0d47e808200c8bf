"""Builds `serve`: the MCP server of one local profile, over stdio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from mcp.server.mcpserver import MCPServer

from outlook_mcp.answers.remedies import Audience
from outlook_mcp.app.loading import LOAD_AFTER_S, loading
from outlook_mcp.app.local_listening import LocalListening
from outlook_mcp.app.mcp_server import build_mcp_server
from outlook_mcp.app.profile import App, open_app
from outlook_mcp.config import Configuration
from outlook_mcp.errors import OutlookError
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.server.email_server import EmailServer, Lifespan
from outlook_mcp.server.inbox_watch import WatchSettings
from outlook_mcp.server.request_state import RequestStates
from outlook_mcp.server.services import Services, UnavailableServices
from outlook_mcp.server.settings import CallSettings


def build_server(
    configuration: Configuration,
    settings: CallSettings | None = None,
    *,
    timing: OAuthTiming = OAuthTiming(),
    mail: MailSettings = MailSettings(),
    explain: Callable[[OutlookError], None] | None = None,
    load_after_s: float = LOAD_AFTER_S,
    watch: WatchSettings = WatchSettings(),
) -> EmailServer:
    """The MCP server of the local profile; it opens its components when it starts and closes them when it stops.

    When they cannot be opened, `explain` is called with the error and every call is answered with it; without
    `explain` the error is raised. Raises ConfigurationError at once when the client id is missing. `load_after_s`
    later it loads what the first call needs, unless that one came sooner. `watch` is how often an inbox is looked at
    while the client listens to it.
    """
    configuration.require_client_id()
    states, listening = RequestStates(), LocalListening(watch)

    @asynccontextmanager
    async def open_services() -> AsyncIterator[Services]:
        async with open_app(configuration, timing=timing, mail=mail) as app:
            await states.derive_keys(app.components.vault, app.components.tickets)
            async with loading(server, app.components, load_after_s, app.open_ahead), listening.serving(app):
                yield services_of(app)

    server = build_mcp_server(
        configuration,
        _lifespan(open_services, explain),
        states,
        # A sign-in of the profile asks for the configured permissions and never for more.
        permissions=configuration.scopes,
        settings=settings,
        saves_files=bool(configuration.allowed_folders),
        subscriptions=listening.bus,
        middleware=[listening.streams],
    )
    server.serve_subscriptions(listening.subscriptions)
    return server


def _lifespan(
    open_services: Callable[[], AbstractAsyncContextManager[Services]], explain: Callable[[OutlookError], None] | None
) -> Lifespan:
    """Opens the services for the life of a server. Without `explain` the error is raised why they cannot be opened."""

    @asynccontextmanager
    async def lifespan(_: MCPServer[Services]) -> AsyncIterator[Services | UnavailableServices]:
        async with AsyncExitStack() as stack:
            opened: Services | UnavailableServices
            try:
                opened = await stack.enter_async_context(open_services())
            except OutlookError as error:
                if explain is None:
                    raise
                explain(error)
                opened = UnavailableServices(error)
            yield opened

    return lifespan


def build_unavailable_server(configuration: Configuration, error: OutlookError) -> EmailServer:
    """A server that offers what `configuration` says and answers every call with `error`.

    A client that cannot connect shows no reason; one that can shows the answer.
    """

    @asynccontextmanager
    async def lifespan(_: MCPServer[Services]) -> AsyncIterator[UnavailableServices]:
        yield UnavailableServices(error)

    return build_mcp_server(configuration, lifespan, RequestStates())


def services_of(app: App) -> Services:
    """The services that the calls of the profile use."""
    audience = Audience.LOCAL_CLIENT
    return Services(app.caller, app.mailboxes, app.workspaces, app.sign_ins, app.components.audit, audience)
