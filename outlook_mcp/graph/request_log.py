"""One debug line for each request to Graph: method, route, status, time. No content, no ids."""

from __future__ import annotations

import logging
import re
from urllib.parse import urlsplit

from outlook_mcp.net.addresses import DEFAULT_PORTS
from outlook_mcp.net.clock import seconds_since_boot
from outlook_mcp.net.request_id import current_request_id
from outlook_mcp.telemetry.events import GraphExchange, observers, tell_of_throttling

# The status of requests, and of parts of a batch, that Microsoft Graph puts off.
TOO_MANY = 429
_LOGGER = logging.getLogger(__name__)
# Fixed words of Graph's paths that belong to no area.
_COMMON_WORDS = frozenset({"v1.0", "beta", "me", "users", "$batch", "$value"})
_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


def is_logging() -> bool:
    """True while requests are logged or measured, so that others save what only that needs."""
    return bool(observers()) or _LOGGER.isEnabledFor(logging.DEBUG)


def log_request(
    method: str, url: str, words: frozenset[str], begun: float, outcome: int | str, request_id: str = ""
) -> None:
    """`begun` is in seconds of `seconds_since_boot`; `outcome` is the status, or the name of an error.

    Of the path only `words` are told, as `route_of` says.
    """
    seconds, route = seconds_since_boot() - begun, route_of(url, words)
    _tell_observers(method, url, route, seconds, outcome)
    if _LOGGER.isEnabledFor(logging.DEBUG):
        ms = seconds * 1000
        known = request_id if _REQUEST_ID.fullmatch(request_id) else "none"
        _LOGGER.debug("%s %s: %s in %.0f ms, request id %s", method, route, outcome, ms, known)


def _tell_observers(method: str, url: str, route: str, seconds: float, outcome: int | str) -> None:
    if not observers():
        return
    parts = urlsplit(url)
    exchange = GraphExchange(
        method=method,
        host=parts.hostname or "",
        port=parts.port or DEFAULT_PORTS[parts.scheme],
        route=route,
        outcome=str(outcome),
        seconds=seconds,
        request_id=current_request_id(),
    )
    for observer in observers():
        observer.graph_answered(exchange)
    if outcome == TOO_MANY:
        tell_of_throttling()


def route_of(url: str, words: frozenset[str]) -> str:
    """The path without host and query. Everything but `words` and the common ones becomes `{id}`: it may be private.

    >>> route_of("https://graph.microsoft.com/v1.0/me/messages/AAMk=/$value?x=1", frozenset({"messages"}))
    '/v1.0/me/messages/{id}/$value'
    """
    known = words | _COMMON_WORDS
    return "/".join(step if step in known or not step else "{id}" for step in urlsplit(url).path.split("/"))
