"""Histories compared with the mail that they quote, so that an edited quote is not left out as known mail."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from anyio import to_thread

from outlook_mcp.graph.ids import MessageId
from outlook_mcp.mail.known_history import EarlierMail, KnownHistory
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.new_content import NewAndWhole, full_content
from outlook_mcp.text.characters import count_visible
from outlook_mcp.text.quotes.differences import Comparisons

_LINK_NUMBER = re.compile(r"\[\d{1,3}\]")


class EditedHistory:
    """Compares what is left out of some messages with earlier mail: those read with them, and others of the mailbox."""

    def __init__(self, history: KnownHistory, read: Mapping[MessageId, NewAndWhole]) -> None:
        self._history = history
        self._read = read
        self._comparisons = Comparisons()

    async def compared(self, mail: EarlierMail, messages: Sequence[Message]) -> dict[MessageId, NewAndWhole]:
        """The texts of the messages, which show the lines of the history that stand in no earlier message."""
        wanted = dict.fromkeys(earlier for message in messages for earlier in mail.earlier.get(message.id, ()))
        missing = [message_id for message_id in wanted if message_id not in self._read]
        bodies = await self._history.bodies_of(missing) if missing else {}
        return {
            message.id: await self._compared(self._read[message.id], mail.earlier.get(message.id, ()), bodies)
            for message in messages
        }

    async def _compared(
        self, text: NewAndWhole, earlier: Sequence[MessageId], bodies: Mapping[MessageId, Message]
    ) -> NewAndWhole:
        known: list[str] = []
        lines: list[str] | None = None
        for message_id in earlier:
            if message_id in self._read:
                known.append(self._read[message_id].whole.text)
            elif message_id in bodies:
                known.append((await full_content(bodies[message_id])).text)
            else:
                continue
            # Long texts take a while, and must not block the event loop.
            lines = await to_thread.run_sync(self._comparisons.differing_lines, text.whole.text, text.new.text, known)
            if not lines:
                break
        return _with_lines(text, lines)


def _with_lines(text: NewAndWhole, lines: Sequence[str] | None) -> NewAndWhole:
    """The whole where the lines name links by numbers of the whole text that are others in the new part."""
    if not lines:
        return replace(text, new=replace(text.new, differing_lines=None if lines is None else 0))
    shown = "\n".join(f"> {line}" for line in lines)
    cut = text.new.cut_chars - count_visible("\n".join(lines))
    has_number = bool(_LINK_NUMBER.search(shown))
    if cut <= 0 or (has_number and text.whole.links[: len(text.new.links)] != text.new.links):
        return NewAndWhole(text.whole, text.whole)
    new = replace(
        text.new,
        text=f"{text.new.text}\n\n{shown}",
        cut_chars=cut,
        links=text.whole.links if has_number else text.new.links,
        differing_lines=len(lines),
    )
    return NewAndWhole(new, text.whole)
