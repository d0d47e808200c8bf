"""Checks of the way to Microsoft: names, connections, certificates, and the clock."""

from __future__ import annotations

import socket
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
from pydantic import SecretStr

from outlook_mcp.answers.remedies import Audience, message_for
from outlook_mcp.cli.doctor_checks.finding import Finding, State
from outlook_mcp.config import Configuration
from outlook_mcp.errors import OutlookError, SignInUnavailable
from outlook_mcp.net.clock import utc_now
from outlook_mcp.net.json_answer import PageAnswer
from outlook_mcp.net.json_http import JsonHttp
from outlook_mcp.net.proxies import without_password

ENTRA, GRAPH = "Entra ID", "Microsoft Graph"
DEADLINE_S = 15.0
# With a clock that is wrong by more than the first, sign-ins fail; from the second on it should be set.
WORST_CLOCK_S, BAD_CLOCK_S = 300.0, 60.0


async def network_findings(configuration: Configuration) -> list[Finding]:
    """Whether Entra ID and Microsoft Graph can be reached, and whether the clock agrees with theirs."""
    entra = f"{configuration.entra_authority}/common/v2.0/.well-known/openid-configuration"
    findings, date = await _peer_findings(configuration, ENTRA, entra)
    more, _ = await _peer_findings(configuration, GRAPH, f"{configuration.graph_base_url}/me")
    return [*findings, *more, *([clock_finding(date)] if date else [])]


async def _peer_findings(configuration: Configuration, peer: str, url: str) -> tuple[list[Finding], str]:
    """How far a request to `url` gets, and the date in the answer, "" without one."""
    host = urlsplit(url).hostname or ""
    proxy = configuration.proxies.proxy_for(url)
    if proxy is None and not await _has_address(host):
        fix = "Check the network and DNS of this machine; where only a proxy gets out, set OUTLOOK_MCP_PROXY."
        return [Finding(peer, State.FAIL, f"The name {host} has no address.", fix)], ""
    try:
        answer = await _fetched_page(configuration, peer, url)
    except SignInUnavailable as error:
        return [Finding(peer, State.FAIL, message_for(error, Audience.COMMAND_LINE), _way_to(host, proxy))], ""
    except OutlookError as error:
        return [Finding.of_error(peer, error)], ""
    through = f" through the proxy {without_password(proxy)}" if proxy is not None else ""
    return [Finding(peer, State.OK, f"{host} answers{through} (HTTP {answer.status}).")], answer.date


def _way_to(host: str, proxy: SecretStr | None) -> str:
    if proxy is not None:
        return f"See that this proxy runs and lets this machine reach {host}; OUTLOOK_MCP_PROXY names another one."
    return f"See that no firewall keeps this machine from {host}; where only a proxy gets out, set OUTLOOK_MCP_PROXY."


async def _fetched_page(configuration: Configuration, peer: str, url: str) -> PageAnswer:
    http = JsonHttp(peer, url, ca_file=configuration.ca_file, deadline_s=DEADLINE_S, proxies=configuration.proxies)
    try:
        return await http.get_page(url)
    finally:
        await http.aclose()


async def _has_address(host: str) -> bool:
    with anyio.move_on_after(DEADLINE_S):
        return await anyio.to_thread.run_sync(_resolves, host, abandon_on_cancel=True)
    return False


def _resolves(host: str) -> bool:
    try:
        return bool(socket.getaddrinfo(host, None))
    except (OSError, UnicodeError):
        return False


def clock_finding(date: str) -> Finding:
    """How far the clock of this machine is from the date of an answer."""
    try:
        off_by_s = abs((utc_now() - parsedate_to_datetime(date)).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return Finding("clock", State.OK, "Entra ID did not say what time it is.")
    if off_by_s < BAD_CLOCK_S:
        return Finding("clock", State.OK, f"It differs from that of Entra ID by {off_by_s:.0f} s.")
    state = State.FAIL if off_by_s >= WORST_CLOCK_S else State.WARN
    return Finding(
        "clock", state, f"It differs from that of Entra ID by {off_by_s:.0f} s.", "Set it, best by a time server."
    )
