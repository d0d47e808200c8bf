"""Messages and attachments as text: fetched, converted, what was said before left out, shaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import msgspec

from outlook_mcp.errors import GraphError, NotFound
from outlook_mcp.mail.answers import (
    AnswerContext,
    ReadItem,
    attachment_answer,
    headers_answer,
    links_answer,
    read_answer,
    with_gaps,
)
from outlook_mcp.mail.attachments import is_mail, is_text
from outlook_mcp.mail.models import Attachment, Message
from outlook_mcp.mail.new_content import full_content, new_content, readable
from outlook_mcp.text.html import ConvertedText
from outlook_mcp.text.links import Link
from outlook_mcp.workspace.workspace import EmailWorkspace

ReadView = Literal["new", "full", "links", "headers"]


async def read(
    mailbox: EmailWorkspace,
    context: AnswerContext,
    ids: Sequence[str],
    *,
    view: ReadView = "new",
    thread: bool = False,
    offset: int = 0,
) -> str:
    """The messages, or the whole conversation of each, as one answer. Raises GraphError when none can be read."""
    results = await mailbox.messages.get(
        [mailbox.handles.full(one) for one in ids], "headers" if view == "headers" else "full"
    )
    failed = [result for result in results if result.error is not None]
    if failed and len(failed) == len(results):
        raise _reason([result.error for result in failed if result.error is not None])
    messages = [result.message for result in results if result.message is not None]
    complete = True
    if thread:
        messages, complete = await _conversations(mailbox, messages, view)
    if view == "headers":
        answer = headers_answer(context, messages, offset)
    else:
        items = await _items(mailbox, messages, view, one_thread=thread)
        context = replace(context, places=await mailbox.folders.places())
        answer = links_answer(context, items, offset) if view == "links" else read_answer(context, items, offset)
    return with_gaps(context, answer, failed, complete=complete)


def _reason(errors: Sequence[GraphError]) -> GraphError:
    """The one to tell where nothing was read: what is not a missing message keeps others from being read too."""
    return next((error for error in errors if not isinstance(error, NotFound)), errors[0])


async def read_attachment(
    mailbox: EmailWorkspace, context: AnswerContext, message: str, n: int, *, offset: int = 0
) -> str:
    """The text of attachment `n`, of an attached mail its headers and body; of any other, what is known of it."""
    message_id = mailbox.handles.full(message)
    attachment = await mailbox.attachments.nth(message_id, n)
    text = None
    if attachment.kind == "item":
        attachment = await mailbox.attachments.item(message_id, attachment.id)
        text = await readable(attachment.item.body if attachment.item else None)
    elif is_mail(attachment):
        item = await mailbox.attachments.mail(message_id, attachment)
        attachment, text = msgspec.structs.replace(attachment, item=item), await readable(item.body)
    elif is_text(attachment):
        text = await readable((await mailbox.attachments.text(message_id, attachment)).body)
    return attachment_answer(context, attachment, text, offset)


async def _conversations(
    mailbox: EmailWorkspace, messages: Sequence[Message], view: ReadView
) -> tuple[list[Message], bool]:
    """Every conversation once, in the order of the messages asked for."""
    whole: list[Message] = []
    complete = True
    for conversation in dict.fromkeys(message.conversation_id for message in messages):
        if not conversation:
            whole += [message for message in messages if not message.conversation_id]
            continue
        found = await mailbox.messages.thread(conversation, "headers" if view == "headers" else "full")
        whole += found.messages
        complete = complete and found.complete
    return whole, complete


async def _items(
    mailbox: EmailWorkspace, messages: Sequence[Message], view: ReadView, *, one_thread: bool
) -> list[ReadItem]:
    """In the order given; in a conversation, oldest first, what an earlier message said is not told again."""
    items: list[ReadItem] = []
    for message in messages:
        if view == "new":
            text = await new_content(message, [item.text.text for item in items] if one_thread else ())
        else:
            text = await full_content(message)
        new_links = await _links_numbered_otherwise(message, text) if view == "links" else ()
        attachments: Sequence[Attachment] = ()
        if message.has_attachments:
            attachments = await mailbox.attachments.list(message.id)
        items.append(ReadItem(message, text, attachments, new_links))
    return items


async def _links_numbered_otherwise(message: Message, full: ConvertedText) -> tuple[Link, ...]:
    """Those of the new part, when history that stands above it takes their numbers in the whole text."""
    new = (await new_content(message)).links
    is_same = [link.url for link in new] == [link.url for link in full.links[: len(new)]]
    return () if is_same else new
