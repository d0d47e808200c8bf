"""Turns every way Graph can fail into one error of `outlook_mcp.errors`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from outlook_mcp.errors import (
    AccessDenied,
    AccessTokenRejected,
    AnswerUnreadable,
    ConfigurationError,
    Conflict,
    GraphError,
    GraphUnavailable,
    MailboxUnavailable,
    NotFound,
    OutcomeUnknown,
    RequestRejected,
    Throttled,
)

_NO_MAILBOX = frozenset(
    {
        "mailboxnotenabledforrestapi",
        "mailboxnotsupportedforrestapi",
        "mailboxnotfound",
        "errornonexistentmailbox",
        "errorinvaliduser",
    }
)
# Graph answers 400 for an id it cannot parse; for the caller that is the same as no such item.
_NO_ITEM = frozenset({"errorinvalididmalformed", "erroritemnotfound", "errorinvalidid", "erroridmalformed"})
_SEND_DENIED = frozenset({"errorsendasdenied", "errorsendonbehalfofdenied"})
_BY_STATUS: dict[int, type[GraphError]] = {
    401: AccessTokenRejected,
    403: AccessDenied,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    412: Conflict,
    423: Conflict,
    429: Throttled,
}
_CLAIMS = re.compile(r'claims="([^"]+)"')
_LONGEST_MESSAGE = 300
_NOBODY_KNOWS = "The change may or may not have been made."
_NAME_AUTHORITY = "Name your organisation's certificate authority in OUTLOOK_MCP_CA_FILE."
_LOOK_FIRST = "Look at what is there, then try again."
# What msgspec raises for bytes that are no JSON, no UTF-8, or nested without end.
NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a request needs and whether losing its answer leaves open what happened."""

    permission: str = "Mail.Read"
    is_send: bool = False
    is_change: bool = False

    def unavailable(self, message: str) -> GraphUnavailable:
        """No answer came; of a change nobody can tell whether it was made."""
        if not self.is_change:
            return GraphUnavailable(message)
        return GraphUnavailable(f"{message} {_NOBODY_KNOWS}", next_step=_LOOK_FIRST)

    def unreadable(self, what: str = "is not what it should be") -> AnswerUnreadable:
        """What came tells nothing; of a change nobody can tell whether it was made."""
        message = f"The answer of Microsoft Graph {what}."
        if not self.is_change:
            return AnswerUnreadable(message)
        return AnswerUnreadable(f"{message} {_NOBODY_KNOWS}", next_step=_LOOK_FIRST)


class _Inner(msgspec.Struct):
    request_id: str | None = msgspec.field(name="request-id", default=None)


class _Detail(msgspec.Struct, rename="camel"):
    code: str | None = None
    message: str | None = None
    inner_error: _Inner | None = None


class ErrorBody(msgspec.Struct):
    """`{"error": {"code", "message", "innerError": {"request-id"}}}`; mail errors often lack innerError."""

    error: _Detail | None = None


def from_answer(
    status: int,
    headers: Mapping[str, str],
    purpose: Purpose,
    *,
    graph_code: str = "",
    message: str = "",
    request_id: str = "",
) -> GraphError:
    """The error an HTTP answer stands for. `headers` are looked up in lower case."""
    kind = _kind(status, graph_code.lower(), purpose)
    error = kind(
        _sentence(kind, status, graph_code, message),
        status=status,
        graph_code=graph_code,
        request_id=request_id or headers.get("request-id", ""),
        retry_after_s=retry_after(headers.get("retry-after")),
        next_step=_next_step(kind, graph_code.lower(), purpose),
    )
    if isinstance(error, AccessTokenRejected):
        error.claims = challenge_in(headers)
    return error


def from_body(status: int, headers: Mapping[str, str], body: bytes, purpose: Purpose) -> GraphError:
    """As `from_answer`, with code and message read from a body that may be anything at all."""
    try:
        detail = msgspec.json.decode(body, type=ErrorBody).error or _Detail()
    except NOT_JSON:
        detail = _Detail()
    inner = detail.inner_error.request_id if detail.inner_error else None
    return from_answer(
        status,
        headers,
        purpose,
        graph_code=detail.code or "",
        message=detail.message or "",
        request_id=inner or "",
    )


def from_exception(error: Exception, purpose: Purpose) -> Exception:
    """The error a failed call stands for; an exception that is none of Graph's comes back as it is."""
    import ssl

    import httpx
    from kiota_abstractions.api_error import APIError

    from outlook_mcp.graph.transport import BodyTooLarge, Redirected

    if isinstance(error, APIError):
        return _from_api_error(error, purpose)
    if isinstance(error, httpx.ConnectError) and isinstance(error.__cause__, ssl.SSLCertVerificationError):
        return ConfigurationError("The certificate of Microsoft Graph is not trusted.", next_step=_NAME_AUTHORITY)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return GraphUnavailable("Microsoft Graph could not be reached; nothing was sent.")
    if purpose.is_send and isinstance(error, TimeoutError | httpx.TransportError):
        return OutcomeUnknown("The connection ended before Microsoft Graph said whether the message was sent.")
    if isinstance(error, BodyTooLarge):
        return purpose.unreadable("is larger than this server accepts")
    if isinstance(error, Redirected):
        return purpose.unreadable("leads to another address")
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return purpose.unavailable("Microsoft Graph did not answer in time.")
    if isinstance(error, httpx.HTTPError):
        return purpose.unavailable("The connection to Microsoft Graph broke.")
    return error


def retry_after(value: str | None) -> float | None:
    """Seconds of a Retry-After header, which is a number or an HTTP date."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def challenge_in(headers: Mapping[str, str]) -> str:
    """The claims that Graph asks for with a 401, still encoded, whichever scheme stands first; else ''."""
    found = _CLAIMS.search(headers.get("www-authenticate", ""))
    return found.group(1) if found else ""


def _from_api_error(error: Exception, purpose: Purpose) -> GraphError:
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


def _kind(status: int, code: str, purpose: Purpose) -> type[GraphError]:
    if code in _NO_MAILBOX:
        return MailboxUnavailable
    if code in _NO_ITEM and status in (400, 404):
        return NotFound
    if status >= 500:
        return OutcomeUnknown if purpose.is_send else GraphUnavailable
    if 300 <= status < 400:
        return AnswerUnreadable
    return _BY_STATUS.get(status, RequestRejected)


def _sentence(kind: type[GraphError], status: int, code: str, message: str) -> str:
    if kind is OutcomeUnknown:
        return f"Microsoft Graph failed ({status}) while sending, so the message may or may not have gone out."
    said = " ".join(message.split())[:_LONGEST_MESSAGE]
    label = f"{status} {code}".strip()
    return f"Microsoft Graph refused ({label}): {said}" if said else f"Microsoft Graph refused ({label})."


def _next_step(kind: type[GraphError], code: str, purpose: Purpose) -> str | None:
    if kind is GraphUnavailable and purpose.is_change:
        return _LOOK_FIRST
    if kind is not AccessDenied:
        return None
    if code in _SEND_DENIED:
        return "Send from your own address, or ask your administrator for the right to send as that address."
    return (
        f"The permission {purpose.permission} is missing: sign in again and accept it, "
        "or ask your administrator to grant it."
    )
