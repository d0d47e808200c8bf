"""One debug line for each request to Graph: method, route, status, time. No content, no ids."""

from __future__ import annotations

import logging
import re
from urllib.parse import urlsplit

from outlook_mcp.net.clock import seconds_since_boot
from outlook_mcp.net.request_id import current_request_id
from outlook_mcp.telemetry.events import GraphExchange, observers

_LOGGER = logging.getLogger(__name__)
# Fixed words of Graph's paths that belong to no area.
_COMMON_WORDS = frozenset({"v1.0", "beta", "me", "users", "$batch", "$value"})
_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


def is_logging() -> bool:
    """True while requests are logged or measured, so that others save what only that needs."""
    return bool(observers()) or _LOGGER.isEnabledFor(logging.DEBUG)


def log_request(method: str, route: str, begun: float, outcome: object, request_id: str = "") -> None:
    """`begun` is in seconds of `seconds_since_boot`; `outcome` is the status, or the name of an error."""
    seconds = seconds_since_boot() - begun
    for observer in observers():
        observer.graph_answered(
            GraphExchange(
                method=method, route=route, outcome=str(outcome), seconds=seconds, request_id=current_request_id()
            )
        )
    if _LOGGER.isEnabledFor(logging.DEBUG):
        ms = seconds * 1000
        known = request_id if _REQUEST_ID.fullmatch(request_id) else "none"
        _LOGGER.debug("%s %s: %s in %.0f ms, request id %s", method, route, outcome, ms, known)


def route_of(url: str, words: frozenset[str]) -> str:
    """The path without host and query. Everything but `words` and the common ones becomes `{id}`: it may be private.

    >>> route_of("https://graph.microsoft.com/v1.0/me/messages/AAMk=/$value?x=1", frozenset({"messages"}))
    '/v1.0/me/messages/{id}/$value'
    """
    known = words | _COMMON_WORDS
    return "/".join(step if step in known or not step else "{id}" for step in urlsplit(url).path.split("/"))
