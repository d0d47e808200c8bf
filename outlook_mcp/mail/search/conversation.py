"""The conversation that a search is about, named by one of its messages."""

from __future__ import annotations

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import ConversationId, checked_id
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.search.mail_query import MailQuery


async def conversation_of(graph: GraphClient, handles: Handles, query: MailQuery) -> ConversationId | None:
    """The conversation of `query.thread_of`; None where the query names no message.

    Raises NotFound when there is no such message.
    """
    if query.thread_of is None:
        return None
    message_id = checked_id(handles.full(query.thread_of))
    builder = graph.me.messages.by_message_id(message_id)
    request = graph.request(builder, query={"$select": ("id", "conversationId")})
    message = await graph.answer_to(request, Message)
    if not message.conversation_id:
        raise InvalidInput("This message is of no conversation.", next_step="Look for its subject.")
    return message.conversation_id
