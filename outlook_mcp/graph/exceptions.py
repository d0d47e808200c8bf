"""The error of `outlook_mcp.errors` that an exception of msgraph-sdk or httpx stands for."""

from __future__ import annotations

import ssl

import httpx
from kiota_abstractions.api_error import APIError

from outlook_mcp.errors import ConfigurationError, GraphError, GraphUnavailable
from outlook_mcp.graph.errors import NOT_GRAPH, Purpose, from_answer
from outlook_mcp.graph.transport import BodyTooLarge, EmptyAnswer, Redirected

_NAME_AUTHORITY = "Name your organisation's certificate authority in OUTLOOK_MCP_CA_FILE."


def from_exception(error: Exception, purpose: Purpose) -> Exception:
    """The error to raise for `error`; an exception that is not about Graph comes back unchanged."""
    if isinstance(error, APIError):
        return from_api_error(error, purpose)
    if isinstance(error, httpx.ConnectError) and isinstance(error.__cause__, ssl.SSLCertVerificationError):
        return ConfigurationError("The certificate of Microsoft Graph is not trusted.", next_step=_NAME_AUTHORITY)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return GraphUnavailable("Microsoft Graph could not be reached; nothing was sent.")
    if isinstance(error, httpx.ProxyError):
        return GraphUnavailable(f"The proxy refused the way to Microsoft Graph ({error}); nothing was sent.")
    if purpose.is_send and isinstance(error, BodyTooLarge | EmptyAnswer | Redirected):
        return purpose.unknown_send(NOT_GRAPH)
    if purpose.is_send and isinstance(error, TimeoutError | httpx.TransportError):
        return purpose.unknown_send(
            "The connection to Microsoft Graph ended too early, so the message may or may not have been sent."
        )
    if isinstance(error, BodyTooLarge):
        return purpose.unreadable("is larger than this server accepts")
    if isinstance(error, EmptyAnswer):
        return purpose.unreadable("is empty")
    if isinstance(error, Redirected):
        return purpose.unreadable("leads to another address")
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return purpose.unavailable("Microsoft Graph did not answer in time.")
    if isinstance(error, httpx.HTTPError):
        return purpose.unavailable("The connection to Microsoft Graph broke.")
    return error


def from_api_error(error: APIError, purpose: Purpose) -> GraphError:
    """The error for a failure that the SDK has decoded, an `ODataError` if Graph answered with JSON."""
    raw = getattr(error, "response_headers", None) or {}
    headers = {str(name).lower(): str(value) for name, value in raw.items()}
    detail = getattr(error, "error", None)
    inner = getattr(detail, "inner_error", None)
    return from_answer(
        getattr(error, "response_status_code", None) or 0,
        headers,
        purpose,
        graph_code=getattr(detail, "code", None) or "",
        message=getattr(detail, "message", None) or "",
        request_id=getattr(inner, "request_id", None) or "",
    )
