"""Reading messages: what is asked while their texts are converted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import anyio

from outlook_mcp.graph.ids import MessageId
from outlook_mcp.graph.models import Body
from outlook_mcp.mail.known_history import EarlierMail
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.message_facts import Facts
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.reading import MessageReader
from tests.mail.shown import message

REPLY = "Fine.\n\nOn Mon, Nov 23, 2026 at 9:00 AM Bob Brandt <bob@contoso.example> wrote:\n> Is it?\n"
LATEST_S = 30.0


class Mailbox:
    """Holds one reply. Each of the two questions about it is answered when the other one was asked, too."""

    def __init__(self) -> None:
        self.reply = message(conversation_id="c", body=Body(content_type="text", content=REPLY))
        self._asked = {"facts": anyio.Event(), "history": anyio.Event()}

    async def fetch_messages(self, ids: Sequence[MessageId], view: str) -> list[MessageResult]:
        return [MessageResult(self.reply.id, self.reply)]

    async def special_places(self) -> dict[str, str]:
        return {}

    def is_of_reader(self, *_: object) -> bool:
        return False

    async def earlier_mail(self, messages: Sequence[Message]) -> EarlierMail:
        await self._both_asked("history", "facts")
        return EarlierMail()

    async def facts_of(self, messages: Sequence[Message]) -> dict[MessageId, Facts]:
        await self._both_asked("facts", "history")
        return {self.reply.id: Facts(is_first=True)}

    async def _both_asked(self, this: str, other: str) -> None:
        self._asked[this].set()
        await self._asked[other].wait()


async def test_graph_is_asked_about_a_sender_while_the_text_is_converted() -> None:
    mailbox: Any = Mailbox()
    reader = MessageReader(mailbox, mailbox, mailbox, mailbox, cast(Any, None), cast(Any, None), cast(Any, None))
    with anyio.fail_after(LATEST_S):
        found = await reader.read_messages([mailbox.reply.id], view="new", whole_conversation=False)
    (item,) = found.items
    assert item.facts.is_first
    assert "> Is it?" in item.text.text
