"""The new part of a message, found by Graph's `uniqueBody`, the marks of mail programs and the earlier messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from anyio import to_thread

from outlook_mcp.graph.models import Body
from outlook_mcp.mail.models import Message
from outlook_mcp.text.characters import count_visible
from outlook_mcp.text.html import ConvertedText, convert
from outlook_mcp.text.html.embedded import embedded_sheets
from outlook_mcp.text.plain_text import plain_text
from outlook_mcp.text.quotes import without_history


async def full_content(message: Message) -> ConvertedText:
    """The whole body as text, history included."""
    return await readable(message.body)


async def new_content(message: Message, earlier: Sequence[str] = ()) -> ConvertedText:
    """The new part of a body; `cut_chars` tells how much is left out. Needs `body`, better with `uniqueBody`.

    `earlier` holds the texts of earlier messages of the conversation. A message with nothing new, such as one
    forwarded without comment, is returned whole.
    """
    unique = message.unique_body if message.unique_body and message.unique_body.content else None
    # Graph's uniqueBody comes without a head, so what its style sheets hide is told by those of the whole body.
    sheets = embedded_sheets(message.body.content or "") if unique and message.body else ""
    converted = await readable(unique or message.body, drop_quotes=True, sheets=sheets)
    # A long text takes a second, and must not block the event loop.
    text, cut_by_text = await to_thread.run_sync(without_history, converted.text, earlier)
    cut = converted.cut_chars + cut_by_text
    full = await full_content(message) if unique or not text else None
    if full is None:
        return replace(converted, text=text, cut_chars=cut)
    if not text:
        return full
    missing = count_visible(full.text) - count_visible(text)
    return replace(converted, text=text, cut_chars=max(cut, missing))


async def readable(body: Body | None, *, drop_quotes: bool = False, sheets: str = "") -> ConvertedText:
    """Any body as text, off the event loop; `sheets` are style sheets that stand outside of it."""
    if body is None or not body.content:
        return ConvertedText("")
    if body.content_type.lower() == "text":
        return await to_thread.run_sync(plain_text, body.content)
    return await convert(body.content, drop_quotes=drop_quotes, sheets=sheets)
