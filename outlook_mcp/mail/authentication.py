"""What the server that received a message found out about its sender (RFC 8601)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from outlook_mcp.errors import OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.mail.models import Header, Message

# `compauth` is the judgement of Exchange Online over all of them:
# https://learn.microsoft.com/defender-office-365/message-headers-eop-mdo
_RESULT = re.compile(r"\s*(?P<method>spf|dkim|dmarc|compauth)\s*=\s*(?P<result>\w+)", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")
_SELECT = ("id", "internetMessageHeaders")


def failed_checks(headers: Sequence[Header]) -> tuple[str, ...]:
    """The checks that failed, in capitals; none when DMARC, which needs one of the others, has passed.

    Only the first such header counts: the receiving server puts its own above those that a sender wrote.

    >>> failed_checks([Header(name="Authentication-Results", value="spf=fail (x) smtp.mailfrom=a; dmarc=fail")])
    ('SPF', 'DMARC')
    >>> failed_checks([Header(name="Authentication-Results", value="spf=fail smtp.mailfrom=a; dkim=pass; dmarc=pass")])
    ()
    """
    written = next((header.value for header in headers if header.name.lower() == "authentication-results"), None) or ""
    results: dict[str, set[str]] = {}
    for part in _COMMENT.sub("", written).split(";"):
        if found := _RESULT.match(part):
            results.setdefault(found["method"].lower(), set()).add(found["result"].lower())
    if results.get("dmarc") == {"pass"} and "fail" not in results.get("compauth", ()):
        return ()
    return tuple(method.upper() for method in ("spf", "dkim", "dmarc", "compauth") if "fail" in results.get(method, ()))


async def forged_among(graph: GraphClient, messages: Sequence[Message]) -> frozenset[MessageId]:
    """Those whose DMARC check failed. A message whose headers cannot be read is not among them."""
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
