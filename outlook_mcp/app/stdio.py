"""Builds `serve`: the MCP server of one local profile, over stdio."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp.server.mcpserver import MCPServer

from outlook_mcp.answers.remedies import Audience
from outlook_mcp.app.mcp_server import build_mcp_server
from outlook_mcp.app.profile import App, open_app
from outlook_mcp.config import Configuration
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.server.email_server import EmailServer
from outlook_mcp.server.request_state import RequestStates
from outlook_mcp.server.services import Services
from outlook_mcp.server.settings import CallSettings


def build_server(
    configuration: Configuration,
    settings: CallSettings | None = None,
    *,
    timing: OAuthTiming = OAuthTiming(),
    mail: MailSettings = MailSettings(),
) -> EmailServer:
    """The MCP server of the local profile; it opens its components when it starts and closes them when it stops.

    Raises ConfigurationError at once when the client id is missing.
    """
    configuration.require_client_id()

    states = RequestStates()

    @asynccontextmanager
    async def lifespan(_: MCPServer[Services]) -> AsyncIterator[Services]:
        async with open_app(configuration, timing=timing, mail=mail) as app:
            await states.derive_keys(app.components.vault, app.components.tickets)
            yield services_of(app)

    # A sign-in of the profile asks for the configured permissions and never for more.
    return build_mcp_server(configuration, lifespan, states, permissions=configuration.scopes, settings=settings)


def services_of(app: App) -> Services:
    """The services that the calls of the profile use."""
    audience = Audience.LOCAL_CLIENT
    return Services(app.caller, app.mailboxes, app.workspaces, app.sign_ins, app.components.audit, audience)
