"""Builds the MCP server with the tools, resources and prompts that the configuration offers, for any transport."""

from __future__ import annotations

from typing import Any

from outlook_mcp import __version__
from outlook_mcp.config import Configuration
from outlook_mcp.prompts import CATALOGUE as PROMPTS
from outlook_mcp.prompts import INSTRUCTIONS
from outlook_mcp.resources import CATALOGUE as RESOURCES
from outlook_mcp.server.email_server import EmailServer, Lifespan
from outlook_mcp.server.own_tools import own_tools
from outlook_mcp.server.request_state import RequestStates
from outlook_mcp.server.settings import CallSettings
from outlook_mcp.tools import EmailTools

# The same on every replica, because clients may reach any of them.
SERVER_NAME = "outlook"


def build_mcp_server(
    configuration: Configuration,
    lifespan: Lifespan,
    states: RequestStates,
    *,
    permissions: tuple[str, ...] | None = None,
    settings: CallSettings | None = None,
    saves_files: bool = False,
    **server: Any,
) -> EmailServer:
    """`permissions` and `saves_files` are as EmailTools says; `server` goes to the SDK's MCPServer as it is."""
    scopes = configuration.offered_scopes()
    tools = _tools(configuration, permissions, saves_files=saves_files)
    offered = {tool.name for tool in tools.offered}
    built = EmailServer(
        lifespan,
        tools=tools.offered,
        resources=[resource for resource in RESOURCES if resource.scope in scopes],
        prompts=[prompt for prompt in PROMPTS if prompt.tools <= offered],
        settings=settings,
        name=SERVER_NAME,
        title="Outlook",
        version=__version__,
        instructions=INSTRUCTIONS,
        log_level="WARNING",
        request_state_security=states.security,
        **{"subscriptions": False, **server},
    )
    # After the SDK has unsealed the request state, and before any handler reads it.
    built.middleware.append(states)
    return built


def _tools(configuration: Configuration, permissions: tuple[str, ...] | None, *, saves_files: bool) -> EmailTools:
    return EmailTools(
        configuration.toolsets,
        read_only=configuration.read_only,
        permissions=permissions,
        own=own_tools(configuration.own_tools),
        saves_files=saves_files,
        structured=configuration.structured,
    )
