"""The error of `outlook_mcp.errors` that an HTTP answer of Microsoft Graph stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

import msgspec

from outlook_mcp.errors import (
    NOTHING_CHANGED,
    AccessDenied,
    AccessTokenRejected,
    AnswerUnreadable,
    Conflict,
    GraphError,
    GraphUnavailable,
    MailboxUnavailable,
    NotFound,
    OutcomeUnknown,
    Remedy,
    RequestRejected,
    Throttled,
)
from outlook_mcp.graph.words import words_of_graph
from outlook_mcp.net.clock import utc_now

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
# A date of a series may not pass its neighbours.
_CROSSING = "erroroccurrencecrossingboundary"
_SERVER_AWAY = frozenset({"errorexchangeservernotonline"})
_MAILBOX_FULL = frozenset({"errorquotaexceeded"})
# Of an application access policy, and of a protocol that the organisation has switched off:
# https://learn.microsoft.com/graph/auth-limit-mailbox-access
_POLICY_WORDS = ("policy", "odata is disabled")
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
# The end of the message of an error after which it is not known whether the change was made.
UNKNOWN_CHANGE = "The change may or may not have been made."
NOT_GRAPH = "Something other than Microsoft Graph answered, so the message may or may not have been sent."
# Answers that do not say whether the request was carried out; every 5xx is another.
_SAYS_NOTHING = frozenset({0, 408})
# What msgspec raises for bytes that are not JSON, not UTF-8, or nested too deeply.
NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the errors of a request depend on: the permission it needs, whether it changes data or sends mail.

    `look_first` says how to find out whether a change was made.
    """

    permission: str
    is_change: bool = False
    is_send: bool = False
    look_first: str = ""

    def unavailable(self, message: str) -> GraphUnavailable:
        """The error when no answer came. After a change it says that the change may have been made."""
        if not self.is_change:
            return GraphUnavailable(message)
        return GraphUnavailable(
            f"{message} {UNKNOWN_CHANGE}",
            outcome_is_known=False,
            remedy=Remedy.LOOK_FIRST,
            next_step=self.look_first,
        )

    def unreadable(self, what: str = "is not what was expected") -> AnswerUnreadable:
        """The error when the answer makes no sense. After a change it says that the change may have been made."""
        message = f"The answer of Microsoft Graph {what}."
        if not self.is_change:
            return AnswerUnreadable(message)
        return AnswerUnreadable(
            f"{message} {UNKNOWN_CHANGE}",
            outcome_is_known=False,
            remedy=Remedy.LOOK_FIRST,
            next_step=self.look_first,
        )

    def unknown_outcome(self, error: GraphError) -> GraphUnavailable:
        """The failure `error` of a change, after which it is not known whether the change was made."""
        told = error.message.removesuffix(UNKNOWN_CHANGE).strip()
        return GraphUnavailable(
            f"{told} {UNKNOWN_CHANGE}",
            status=error.status,
            graph_code=error.graph_code,
            request_id=error.request_id,
            outcome_is_known=False,
            remedy=Remedy.LOOK_FIRST,
            next_step=self.look_first,
        )

    def unknown_send(self, message: str, *, status: int = 0) -> OutcomeUnknown:
        """The error when it is not known whether a message was sent."""
        return OutcomeUnknown(message, status=status, next_step=self.look_first)


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
    """The error for an HTTP status and Graph's error code. The keys of `headers` are in lower case."""
    kind = _kind(status, graph_code.lower(), purpose)
    is_open = kind is not OutcomeUnknown and purpose.is_change and _says_nothing(status, graph_code.lower())
    error = kind(
        _sentence(kind, status, graph_code, message, purpose, is_open=is_open),
        status=status,
        graph_code=graph_code,
        request_id=request_id or headers.get("request-id", ""),
        retry_after_s=retry_after(headers.get("retry-after")),
        outcome_is_known=not is_open,
        remedy=Remedy.LOOK_FIRST if is_open else None,
        next_step=_next_step(kind, graph_code.lower(), message, purpose, is_open=is_open),
    )
    if isinstance(error, AccessTokenRejected):
        error.claims = claims_challenge(headers)
    if isinstance(error, AccessDenied) and graph_code.lower() not in _SEND_DENIED and not _is_of_policy(message):
        error.permission = purpose.permission
    return error


def after_looking(error: GraphError, seen: str) -> GraphError:
    """`error` of a change whose outcome was not known, once a look at the mailbox has shown that it was not made."""
    told = error.message.removesuffix(UNKNOWN_CHANGE).strip()
    return GraphUnavailable(
        f"{told} {seen}", status=error.status, graph_code=error.graph_code, request_id=error.request_id
    )


def still_unknown(error: GraphError, next_step: str) -> GraphError:
    """`error` of a change whose outcome is not known after a look either, with what to look at before trying again."""
    return GraphUnavailable(
        error.message,
        status=error.status,
        graph_code=error.graph_code,
        request_id=error.request_id,
        outcome_is_known=False,
        remedy=Remedy.LOOK_FIRST,
        next_step=next_step,
    )


def from_body(status: int, headers: Mapping[str, str], body: bytes, purpose: Purpose) -> GraphError:
    """As `from_answer`, with code and message taken from the body, which may be anything, not only JSON."""
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


def retry_after(value: str | None) -> float | None:
    """The seconds in a Retry-After header, which is a number or an HTTP date; None if it is neither.

    >>> retry_after("10"), retry_after("soon")
    (10.0, None)
    """
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - utc_now()).total_seconds()
    return max(0.0, seconds) if seconds < float("inf") else None


def claims_challenge(headers: Mapping[str, str]) -> str:
    """The claims challenge of a 401 answer, still encoded, of whichever authentication scheme; "" if there is none."""
    found = _CLAIMS.search(headers.get("www-authenticate", ""))
    return found.group(1) if found else ""


def _kind(status: int, code: str, purpose: Purpose) -> type[GraphError]:
    if code in _NO_MAILBOX:
        return MailboxUnavailable
    if code in _NO_ITEM and status in (400, 404):
        return NotFound
    if code in _MAILBOX_FULL:
        return RequestRejected
    if _says_nothing(status, code):
        return OutcomeUnknown if purpose.is_send else AnswerUnreadable if 300 <= status < 400 else GraphUnavailable
    if code in _SERVER_AWAY:
        return GraphUnavailable
    return _BY_STATUS.get(status, RequestRejected)


def _says_nothing(status: int, code: str) -> bool:
    """Whether an answer with this status leaves open if the request was carried out."""
    if code in _MAILBOX_FULL:
        return False
    return status >= 500 or status in _SAYS_NOTHING or 300 <= status < 400


def _sentence(kind: type[GraphError], status: int, code: str, message: str, purpose: Purpose, *, is_open: bool) -> str:
    if kind is OutcomeUnknown:
        return f"Microsoft Graph failed ({status}) while sending, so the message may or may not have been sent."
    said = words_of_graph(message)
    label = f"{status} {code}".strip()
    failed = "failed" if status >= 500 else "refused"
    told = f"Microsoft Graph {failed} ({label}): {said}" if said else f"Microsoft Graph {failed} ({label})."
    if is_open:
        return f"{_ended(told)} {UNKNOWN_CHANGE}"
    if purpose.is_send:
        return f"{_ended(told)} Nothing was sent."
    return f"{_ended(told)} {NOTHING_CHANGED}" if purpose.is_change and kind in (Throttled, Conflict) else told


def _ended(sentence: str) -> str:
    return sentence if sentence[-1] in ".!?" else f"{sentence}."


def _next_step(kind: type[GraphError], code: str, message: str, purpose: Purpose, *, is_open: bool) -> str | None:
    if is_open or kind is OutcomeUnknown:
        return purpose.look_first
    if code in _MAILBOX_FULL:
        return "The mailbox is full: let the user delete or archive mail, then try again."
    if code == _CROSSING:
        return (
            "Keep the date between the one before and the one after it; or delete it, and create an event of its own."
        )
    if code in _SERVER_AWAY:
        return "The Exchange server of this mailbox is not online: try again in a few minutes."
    if kind is Throttled and purpose.is_send:
        return "Try again later."
    if kind is not AccessDenied:
        return None
    if code in _SEND_DENIED:
        return "Send from your own address, or ask your administrator for the right to send as that address."
    if _is_of_policy(message):
        return (
            "A policy of the organisation keeps this app from the mailbox. Signing in again does not help: "
            "ask your administrator to allow it."
        )
    return (
        f"Either the permission {purpose.permission} was not granted, or your organisation forbids it: sign in again "
        "and accept the permission, or ask your administrator."
    )


def _is_of_policy(message: str) -> bool:
    return any(words in message.lower() for words in _POLICY_WORDS)
