"""What the server that received a message found out about its sender (RFC 8601)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from outlook_mcp.errors import OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.mail.models import Header, Message

# `compauth` is the judgement of Exchange Online over all of them:
# https://learn.microsoft.com/defender-office-365/message-headers-eop-mdo
_RESULT = re.compile(r"\s*(?P<method>spf|dkim|dmarc|compauth)\s*(?:/\s*\d+\s*)?=\s*(?P<result>\w+)", re.IGNORECASE)
# A quoted string may hold the marks of comments and of further results, as the local part of a sender's address does.
_QUOTED_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)')
_MOST_NESTED = 20
_SELECT = ("id", "internetMessageHeaders")


def failed_checks(headers: Sequence[Header]) -> tuple[str, ...]:
    """The checks that failed, in capitals; none when DMARC, which needs one of the others, has passed.

    Only the first such header counts, and those right below it of the same server, if it gives its name: the receiving
    server puts its own above those that a sender wrote.

    >>> failed_checks([Header(name="Authentication-Results", value="spf=fail (x) smtp.mailfrom=a; dmarc=fail")])
    ('SPF', 'DMARC')
    >>> failed_checks([Header(name="Authentication-Results", value="spf=fail smtp.mailfrom=a; dkim=pass; dmarc=pass")])
    ()
    """
    written = [header.value or "" for header in headers if header.name.lower() == "authentication-results"]
    results: dict[str, set[str]] = {}
    for part in _of_first_server([_without_comments(value).split(";") for value in written]):
        if found := _RESULT.match(part):
            results.setdefault(found["method"].lower(), set()).add(found["result"].lower())
    if results.get("dmarc") == {"pass"} and "fail" not in results.get("compauth", ()):
        return ()
    return tuple(method.upper() for method in ("spf", "dkim", "dmarc", "compauth") if "fail" in results.get(method, ()))


def _without_comments(value: str) -> str:
    """Also without quoted strings; comments may stand in comments."""
    for _ in range(_MOST_NESTED):
        shorter = _QUOTED_OR_COMMENT.sub("", value)
        if shorter == value:
            break
        value = shorter
    return value


def _of_first_server(headers: Sequence[Sequence[str]]) -> Iterable[str]:
    """The parts of the first header, and of those that follow it under the same name. Exchange Online gives none."""
    first = headers[0][0].split() if headers else []
    for parts in headers:
        if parts is not headers[0] and (not first or "=" in headers[0][0] or parts[0].split()[:1] != first[:1]):
            return
        yield from parts


async def forged_among(graph: GraphClient, messages: Sequence[Message]) -> frozenset[MessageId]:
    """The messages whose DMARC check failed. A message whose headers cannot be read is not among them."""
    if not messages:
        return frozenset()
    requests = [
        graph.request(graph.me.messages.by_message_id(message.id), query={"$select": _SELECT}) for message in messages
    ]
    forged = set()
    for message, answer in zip(messages, await graph.answers_to(requests), strict=True):
        try:
            headers = answer.decode(Message).internet_message_headers if answer.is_success else []
        except OutlookError:
            continue
        if "DMARC" in failed_checks(headers):
            forged.add(message.id)
    return frozenset(forged)
