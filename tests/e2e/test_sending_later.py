"""Messages that Exchange holds until a time, over stdio, where the server ends with its client."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client

from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.sandbox.faults import Fault
from tests.answers import text_of
from tests.e2e.office import Office, call, draft_of, refusal
from tests.sending import sending

SEND = "/v1.0/me/messages/*/send"


@asynccontextmanager
async def a_draft(office: Office, **fields: Any) -> AsyncIterator[tuple[Client, str]]:
    async with office.client(office.alice, mail=MailSettings(poll_s=0.05, settle_s=0.3)) as client:
        saved = await call(client, "draft_save", to=[office.bob.upn], subject="Later", body="Hello Bob.", **fields)
        yield client, draft_of(saved)


async def arrived(office: Office) -> int:
    """How often the message reached Bob."""
    await office.sandbox.store.outbox.settled()
    return len(office.mailbox(office.bob).messages.select("m.subject = 'Later'", (), "m.id", 10))


async def test_exchange_holds_a_message_until_its_time_unless_it_is_taken_back(office: Office) -> None:
    async with a_draft(office, receipts="read") as (client, draft):
        agreed = await sending(client, draft)
        answer = await call(client, "mail_send", **agreed, at="2h")
        assert answer.startswith("Exchange holds the message until ")
        assert "also when this server is off" in answer
        assert (await arrived(office), office.posts_to("/send")) == (0, 1)
        assert ": Later (not sent before " in await call(client, "mail_search", folder="outbox")
        assert "not a draft" in await refusal(client, "mail_send", **agreed)
        taken = await call(client, "mail_send", draft=draft, at="cancel")
        assert "was taken back and will not be sent" in taken
        stored = office.stored(office.alice, draft)
        assert (stored.row["submit_at"], stored.is_draft, stored.row["read_receipt"]) == (None, True, 1)
        assert stored.folder_id == office.mailbox(office.alice).ensure_folder("deleteditems").id
        # Sent again at once, without its old time.
        assert "Sent 'Later'" in await call(client, "mail_send", **await sending(client, draft), at="now")
        assert await arrived(office) == 1
        assert "sent already" in await refusal(client, "mail_send", draft=draft, at="cancel")


@pytest.mark.parametrize("asked", [{"folder": "all"}, {"sender": "me", "folder": "all"}, {"text": "Later"}])
async def test_a_held_message_is_listed_as_waiting_wherever_it_is_found(office: Office, asked: dict[str, str]) -> None:
    async with a_draft(office) as (client, draft):
        await call(client, "mail_send", **await sending(client, draft), at="2h")
        listed = await call(client, "mail_search", **asked)
        assert re.search(rf"^{draft} .*: Later \(not sent before ", listed, re.MULTILINE)
        await call(client, "mail_send", draft=draft, at="cancel")


async def test_a_while_to_take_it_back_is_a_time_at_exchange(office: Office) -> None:
    async with a_draft(office) as (client, draft):
        assert "Exchange holds the message" in await call(client, "mail_send", **await sending(client, draft), undo_s=1)
        assert (await arrived(office), office.posts_to("/send")) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"at": "yesterday"}, "is not a time to send at"),
        ({"at": "none"}, 'What waits to be sent is taken back by "cancel".'),
        ({"at": "2020-01-01T09:00"}, "is over"),
        ({"at": "2h", "undo_s": 60}, "not used together"),
        ({"undo_s": 100_000}, "1 to 3600 seconds"),
        ({"at": "cancel"}, "not waiting to be sent"),
    ],
)
async def test_what_cannot_be_meant_sends_nothing(office: Office, arguments: dict[str, Any], told: str) -> None:
    async with a_draft(office) as (client, draft):
        assert told in await refusal(client, "mail_send", **await sending(client, draft), **arguments)
        assert (office.posts_to("/send"), office.stored(office.alice, draft).is_draft) == (0, True)


@pytest.mark.parametrize(
    ("fault", "is_held"),
    [({"cut": "after"}, True), ({"status": 503, "carried_out": True}, True), ({"status": 504}, False)],
)
async def test_a_held_message_whose_answer_was_lost_is_sent_once_or_not_at_all(
    office: Office, fault: dict[str, Any], is_held: bool
) -> None:
    async with a_draft(office) as (client, draft):
        agreed = await sending(client, draft)
        office.sandbox.faults.replace_rules([Fault.model_validate({"route": SEND, **fault})])
        answer = await client.call_tool("mail_send", {**agreed, "at": "2h"})
        assert answer.is_error is not is_held, text_of(answer)
        if not is_held:
            assert re.search(r"it is still a draft; whether Exchange holds it shows at \w{3} \d", text_of(answer))
        office.sandbox.faults.replace_rules([])
        # Until then nobody sends it again.
        again = await client.call_tool("mail_send", await sending(client, draft))
        assert again.is_error
        assert office.posts_to("/send") == 1
        assert await arrived(office) == 0


async def test_a_draft_from_another_address_is_refused_by_exchange_and_explained(office: Office) -> None:
    async with a_draft(office, **{"from": "team@contoso.example"}) as (client, draft):
        refused = await refusal(client, "mail_send", **await sending(client, draft))
        assert "neither as the address in From nor on its behalf" in refused
        assert (await arrived(office), office.stored(office.alice, draft).is_draft) == (0, True)
