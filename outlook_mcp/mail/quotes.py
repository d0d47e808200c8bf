"""What is new in a message: Graph's `uniqueBody`, then the marks mail programs leave, then the thread itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from outlook_mcp.mail.characters import count_visible
from outlook_mcp.mail.html import ConvertedText, convert
from outlook_mcp.mail.models import Body, Message
from outlook_mcp.mail.plain_text import plain_text


async def full_content(message: Message) -> ConvertedText:
    """The whole body as text, history included."""
    return await _converted(message.body, drop_quotes=False)


async def new_content(message: Message, earlier: Sequence[str] = ()) -> ConvertedText:
    """The new part of a body; `cut_chars` tells how much is left out. Needs `body`, better with `uniqueBody`.

    `earlier` holds texts of earlier messages of the thread. A message that is all history, such as a forwarded
    one without a word, comes whole.
    """
    # Imported when first needed: its many patterns would slow the start of the server.
    from outlook_mcp.mail.history import drop_history, drop_repeated

    unique = message.unique_body if message.unique_body and message.unique_body.content else None
    converted = await _converted(unique or message.body, drop_quotes=True)
    text, cut_by_marks = drop_history(converted.text)
    text, cut_by_thread = drop_repeated(text, earlier)
    cut = converted.cut_chars + cut_by_marks + cut_by_thread
    full = await full_content(message) if unique or not text else None
    if full is None:
        return replace(converted, text=text, cut_chars=cut)
    if not text:
        return full
    missing = count_visible(full.text) - count_visible(text)
    return replace(converted, text=text, cut_chars=max(cut, missing))


async def _converted(body: Body | None, *, drop_quotes: bool) -> ConvertedText:
    if body is None or not body.content:
        return ConvertedText("")
    if body.content_type.lower() == "text":
        return plain_text(body.content)
    return await convert(body.content, drop_quotes=drop_quotes)
