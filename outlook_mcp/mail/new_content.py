"""The new part of a message, found by Graph's `uniqueBody`, the marks of mail programs and the earlier messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from anyio import to_thread

from outlook_mcp.graph.models import Body
from outlook_mcp.mail.models import Message
from outlook_mcp.text.html import ConvertedText, convert_body
from outlook_mcp.text.quotes.history import drop_repeated
from outlook_mcp.text.quotes.pointers import points_below


async def full_content(message: Message) -> ConvertedText:
    """The whole body as text, history included."""
    return await readable(message.body)


@dataclass(frozen=True, slots=True)
class NewAndWhole:
    """The new part of a body, and the whole of it where that has more; `new.cut_chars` tells how much."""

    new: ConvertedText
    whole: ConvertedText


async def new_and_whole(message: Message, earlier: Sequence[str] = ()) -> NewAndWhole:
    """The new part of a body and the whole. Needs `body`, better with `uniqueBody`.

    `earlier` holds the texts of earlier messages of the conversation. A message with nothing new, such as one
    forwarded without comment, is new as a whole. So is one that says it has answers below, in a history whose lines
    are not marked as quoted.
    """
    unique = message.unique_body if message.unique_body and message.unique_body.content else None
    if unique and message.body and _inner(unique) == _inner(message.body):
        unique = None  # All of it is new.
    # Graph's uniqueBody comes without a head, so what its style sheets hide is told by those of the whole body.
    around = (message.body.content or "") if unique and message.body else ""
    converted = await readable(unique or message.body, is_new=True, around=around)
    text, cut_by_text = converted.text, 0
    if earlier:
        # A long text takes a while, and must not block the event loop.
        text, cut_by_text = await to_thread.run_sync(drop_repeated, converted.text, earlier)
    cut = converted.cut_chars + cut_by_text
    new = replace(converted, text=text, cut_chars=cut)
    if not unique and not cut:
        return NewAndWhole(new, new)
    whole = await full_content(message)
    if not text or ("\n>" not in whole.text and points_below(text)):
        return NewAndWhole(whole, whole)
    if unique:
        missing = _letters(whole.text) - _letters(text)
        new = replace(new, cut_chars=max(cut, missing - converted.footer_chars))
    return NewAndWhole(new, whole)


def _inner(body: Body) -> str:
    """What stands in the `<body>` element of a body of HTML, without white space around it."""
    content = body.content or ""
    start = content.find("<body")
    start = content.find(">", start) + 1 if start >= 0 else 0
    end = content.rfind("</body>")
    return content[start : end if end >= start else None].strip()


def _letters(text: str) -> int:
    """How many characters of converted text are no space; quickly, as this runs in the event loop."""
    return len(text) - text.count(" ") - text.count("\n")


async def readable(body: Body | None, *, is_new: bool = False, around: str = "") -> ConvertedText:
    """Any body as text; with `is_new` without the history below it. `around` is the body that it is a part of."""
    if body is None:
        return ConvertedText("")
    return await convert_body(body.content, body.content_type, is_new=is_new, around=around)
