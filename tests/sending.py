"""How tests send drafts and changes of events: with what an answer shows, as a model does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from mcp import Client

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.drafts.send_terms import SendTerms
from outlook_mcp.mail.drafts.sending import SentMessage, UnsentDraft
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.answers import text_of

_TERMS = re.compile(r"^Goes to: (?P<to>.+)\nCheck: (?P<check>[a-z2-7]{8})$", re.MULTILINE)


def terms_in(answer: str) -> dict[str, Any]:
    """The arguments `to` and `check` of mail_send, from an answer that shows a draft; none when it shows none."""
    found = _TERMS.search(answer)
    return {"to": found["to"].split(", "), "check": found["check"]} if found else {}


def prepared_in(answer: str) -> list[str]:
    """The ids of the prepared changes of events that an answer shows, in the order in which they are to be sent."""
    return re.findall(r'event_send\(id="(prepared-\w+)", action="send"\)', answer)


async def sending(client: Client, draft: str | int) -> dict[str, Any]:
    """The arguments of mail_send for this draft, as the tool itself shows them."""
    return {"draft": draft, **terms_in(text_of(await client.call_tool("mail_send", {"draft": draft})))}


@dataclass(frozen=True)
class ReadyDraft:
    """A draft and what sends it, read before anything fails."""

    id: Handle
    terms: SendTerms

    async def send(self, mailbox: EmailWorkspace) -> SentMessage:
        sent = await mailbox.drafts.send_draft(self.id, self.terms.to, self.terms.check)
        assert isinstance(sent, SentMessage)
        return sent


async def ready_draft(mailbox: EmailWorkspace, draft: Handle) -> ReadyDraft:
    """The draft as it is now; raises what keeps it from being sent."""
    unsent = await mailbox.drafts.send_draft(draft)
    assert isinstance(unsent, UnsentDraft)
    return ReadyDraft(draft, unsent.terms)


async def send(mailbox: EmailWorkspace, draft: Handle) -> SentMessage:
    return await (await ready_draft(mailbox, draft)).send(mailbox)
