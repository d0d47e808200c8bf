"""Who has written to the user lately, as suggestions while a name is typed."""

from __future__ import annotations

from outlook_mcp.answers.people import is_plain_address
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Page
from outlook_mcp.mail.models import Message

_MOST_MESSAGES = 100


async def recent_senders(graph: GraphClient) -> list[str]:
    """The plain addresses that the newest messages came from, each once, the newest first."""
    query = {"$orderby": "receivedDateTime desc", "$select": ("from",), "$top": _MOST_MESSAGES}
    page = await graph.answer_to(graph.request(graph.me.messages, query=query), Page[Message])
    found = [(message.from_.email_address.address or "").lower() for message in page.value if message.from_]
    return [address for address in dict.fromkeys(found) if is_plain_address(address)]
