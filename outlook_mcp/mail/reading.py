"""Messages as text: fetched, converted, and without what earlier messages of a conversation said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from outlook_mcp.errors import InvalidInput, NotFound, OutlookError
from outlook_mcp.graph.ids import FolderId, MessageId
from outlook_mcp.mail.choices import ReadView
from outlook_mcp.mail.drafts.send_terms import SendChecks, SendTerms
from outlook_mcp.mail.drafts.shown_drafts import ShownDrafts
from outlook_mcp.mail.edited_history import EditedHistory
from outlook_mcp.mail.folders import MailFolders
from outlook_mcp.mail.known_history import KnownHistory, is_forward
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.message_facts import NO_FACTS, Facts, MessageFacts
from outlook_mcp.mail.message_requests import MessageRequests
from outlook_mcp.mail.models import Attachment, Message
from outlook_mcp.mail.new_content import NewAndWhole, full_content, new_and_whole
from outlook_mcp.mail.side_by_side import side_by_side
from outlook_mcp.mail.sources import MessageSources, SourcePart
from outlook_mcp.text.html import ConvertedText
from outlook_mcp.text.isolated.processes import shared_processes
from outlook_mcp.text.links import Link


@dataclass(frozen=True, slots=True)
class ReadItem:
    """One message with its converted text and the metadata of its attachments.

    `new_links` are those of its new part, if they have other numbers there than in the whole text. `terms` are what
    sends it, for a draft that has recipients. `facts` are asked for where the text is shown.
    """

    message: Message
    text: ConvertedText = field(default_factory=lambda: ConvertedText(""))
    attachments: Sequence[Attachment] = ()
    new_links: Sequence[Link] = ()
    terms: SendTerms | None = None
    facts: Facts = NO_FACTS


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMessages:
    """What was read, and the ids that could not be. In the view `headers` the items have no text.

    `is_complete` is False when a conversation has older messages. `places` names special folders by their ids. In the
    view `original` there is no item but a part of the `source`.
    """

    view: ReadView
    items: Sequence[ReadItem]
    failed: Sequence[MessageResult] = ()
    is_complete: bool = True
    places: Mapping[FolderId, str] = field(default_factory=dict)
    source: SourcePart | None = None
    is_conversation: bool = False


class MessageReader:
    """Reads messages of one mailbox."""

    def __init__(
        self,
        requests: MessageRequests,
        folders: MailFolders,
        history: KnownHistory,
        facts: MessageFacts,
        checks: SendChecks,
        shown: ShownDrafts,
        sources: MessageSources,
    ) -> None:
        self._requests = requests
        self._folders = folders
        self._history = history
        self._facts = facts
        self._checks = checks
        self._shown = shown
        self._sources = sources

    async def read_messages(
        self, ids: Sequence[MessageId], *, view: ReadView, whole_conversation: bool, offset: int = 0
    ) -> ReadMessages:
        """See `Messages.read_messages`."""
        if view == "original":
            if whole_conversation or len(ids) != 1:
                raise InvalidInput("The source is shown of one message at a time.", next_step="Give one id, no thread.")
            return ReadMessages(view=view, items=(), source=await self._sources.part_of(ids[0], offset))
        if view != "headers":
            shared_processes().warm()
        results = await self._requests.fetch_messages(ids, "headers" if view == "headers" else "full")
        failed = [result for result in results if result.error is not None]
        if failed and len(failed) == len(results):
            raise _most_telling([result.error for result in failed if result.error is not None])
        messages = [result.message for result in results if result.message is not None]
        is_complete = True
        if whole_conversation:
            messages, is_complete = await self._conversations(messages, view)
        for message in messages:
            if message.is_draft and view in ("new", "full"):
                await self._shown.note_shown(message)
        if view == "headers":
            items = [ReadItem(message) for message in messages]
            return ReadMessages(view=view, items=items, failed=failed, is_complete=is_complete)
        return ReadMessages(
            view=view,
            items=await self._items(messages, view, is_conversation=whole_conversation),
            is_conversation=whole_conversation,
            failed=failed,
            is_complete=is_complete,
            places=await self._folders.special_places(),
        )

    async def _conversations(self, messages: Sequence[Message], view: ReadView) -> tuple[list[Message], bool]:
        """Every conversation once, in the order of the messages asked for, and whether all are complete."""
        members: list[Message] = []
        is_complete = True
        for conversation_id in dict.fromkeys(message.conversation_id for message in messages):
            if not conversation_id:
                members += [message for message in messages if not message.conversation_id]
                continue
            conversation = await self._requests.fetch_conversation(
                conversation_id, "headers" if view == "headers" else "full"
            )
            members += conversation.messages
            is_complete = is_complete and conversation.is_complete
        return members, is_complete

    async def _items(self, messages: Sequence[Message], view: ReadView, *, is_conversation: bool) -> list[ReadItem]:
        """In the order given. In a conversation, oldest first, text of an earlier message is not repeated."""
        texts: list[NewAndWhole] = []
        facts: dict[MessageId, Facts] = {}

        async def convert() -> None:
            texts.extend(await self._texts(messages, view, is_conversation=is_conversation))

        async def ask() -> None:
            facts.update(await self._facts.facts_of(messages))

        await side_by_side(convert, *([] if view == "links" else [ask]))
        items: list[ReadItem] = []
        for message, found in zip(messages, texts, strict=True):
            text = found.new if view == "new" else found.whole
            is_renumbered = view == "links" and not _begins_with(text.links, found.new.links)
            links = found.new.links if is_renumbered else ()
            terms = self._checks.terms_of(message) if message.is_draft and message.recipients else None
            items.append(ReadItem(message, text, message.attachments, links, terms, facts.get(message.id, NO_FACTS)))
        return items

    async def _texts(self, messages: Sequence[Message], view: ReadView, *, is_conversation: bool) -> list[NewAndWhole]:
        """Each message without the history that the reader has as messages of their own, and whole."""
        found: list[NewAndWhole] = []
        for message in messages:
            if view == "full" or is_forward(message):
                whole = await full_content(message)
                found.append(NewAndWhole(whole, whole))
            else:
                earlier = [text.new.text for text in found] if is_conversation else ()
                found.append(await new_and_whole(message, earlier))
        return await self._without_known_history(messages, found)

    async def _without_known_history(
        self, messages: Sequence[Message], texts: Sequence[NewAndWhole]
    ) -> list[NewAndWhole]:
        """Whole again where the reader may not have the history; elsewhere with the lines of it that were edited."""
        read = {message.id: text for message, text in zip(messages, texts, strict=True)}
        cut = [message for message in messages if read[message.id].new.cut_chars]
        if not cut:
            return list(texts)
        mail = await self._history.earlier_mail(cut)
        known = [
            message
            for message in cut
            if message.id in mail.replies or self._history.is_of_reader(message, _history_of(read[message.id]))
        ]
        compared = await EditedHistory(self._history, read).compared(mail, known)
        whole = {message.id: NewAndWhole(read[message.id].whole, read[message.id].whole) for message in cut}
        return [{**read, **whole, **compared}[message.id] for message in messages]


def _history_of(text: NewAndWhole) -> str:
    """What the view `new` leaves out, in small letters."""
    return text.whole.text.casefold().replace(text.new.text.casefold(), "", 1)


def _begins_with(links: Sequence[Link], others: Sequence[Link]) -> bool:
    return [link.url for link in others] == [link.url for link in links[: len(others)]]


def _most_telling(errors: Sequence[OutlookError]) -> OutlookError:
    """The error to raise when nothing was read: rather one that concerns all messages than that one is missing."""
    return next((error for error in errors if not isinstance(error, NotFound)), errors[0])
