"""Settings, categories and overrides of a mailbox, and what they do to mail that comes."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.store import Mailbox, MailStore, open_database
from outlook_mcp.sandbox.store.mail.focused_inbox import OVERRIDES as OVERRIDE_RECORDS
from outlook_mcp.sandbox.store.mail.settings import change_settings, settings_of
from tests.sandbox.graph.conftest import ANNA, BEN, UPNS, Client, mail

SETTINGS = "/me/mailboxSettings"
CATEGORIES = "/me/outlook/masterCategories"
OVERRIDES = "/me/inferenceClassification/overrides"
BEN_ADDRESS, CARLA_ADDRESS = Address(UPNS[BEN], "Ben Cole"), Address("carla@fabrikam.com", "Carla Diaz")
REPLIES = {"status": "alwaysEnabled", "internalReplyMessage": "<p>Away, friends</p>", "externalReplyMessage": "Away"}


def at(time: str, zone: str = "UTC") -> dict[str, str]:
    return {"dateTime": time, "timeZone": zone}


async def inbox(client: Client) -> list[tuple[str, str]]:
    """Subject and text of each message, oldest first."""
    path = "/me/mailFolders/inbox/messages?$select=subject,body&$top=50"
    found = (await client.get(path, headers={"Prefer": 'outlook.body-content-type="text"'}))["value"]
    return [(message["subject"], message["body"]["content"].strip()) for message in reversed(found)]


async def set_replies(client: Client, **more: Any) -> None:
    await client.patch(SETTINGS, {"automaticRepliesSetting": {**REPLIES, **more}})


async def test_an_automatic_reply_goes_once_to_each_sender_in_the_words_for_them(
    anna: Client, ben: Client, carla: Client, mailbox: Mailbox, store: MailStore
) -> None:
    await set_replies(anna)
    for sender in (BEN_ADDRESS, BEN_ADDRESS, CARLA_ADDRESS, Address("dora@example.org")):
        store.receive(mailbox, mail("Lunch", from_=sender))
    await store.settled()
    assert await inbox(ben) == [("Automatic reply: Lunch", "Away, friends")]
    assert await inbox(carla) == [("Automatic reply: Lunch", "Away")]
    assert [subject for subject, _ in await inbox(anna)] == ["Lunch"] * 4
    await set_replies(anna, status="disabled")
    await set_replies(anna)
    store.receive(mailbox, mail("Dinner", from_=BEN_ADDRESS))
    await store.settled()
    assert [subject for subject, _ in await inbox(ben)] == ["Automatic reply: Lunch", "Automatic reply: Dinner"]


@pytest.mark.parametrize(
    "header",
    [
        ("Auto-Submitted", "auto-generated"),
        ("Precedence", "bulk"),
        ("List-Id", "<x>"),
        ("X-Auto-Response-Suppress", "OOF, DR"),
    ],
)
async def test_nothing_is_answered_that_a_program_or_a_list_sent(
    anna: Client, ben: Client, mailbox: Mailbox, store: MailStore, header: tuple[str, str]
) -> None:
    await set_replies(anna)
    store.receive(mailbox, mail("Lunch", from_=BEN_ADDRESS, headers=[header]))
    await store.settled()
    assert await inbox(ben) == []


@pytest.mark.parametrize("audience", ["none", "contactsOnly"])
async def test_those_outside_get_no_automatic_reply_that_is_not_for_them(
    anna: Client, ben: Client, carla: Client, mailbox: Mailbox, store: MailStore, audience: str
) -> None:
    await set_replies(anna, externalAudience=audience)
    for sender in (BEN_ADDRESS, CARLA_ADDRESS):
        store.receive(mailbox, mail("Lunch", from_=sender))
    await store.settled()
    assert (len(await inbox(ben)), len(await inbox(carla))) == (1, 0)


async def test_scheduled_replies_are_sent_between_their_times() -> None:
    seconds = [1_769_900_000.0]  # 2026-01-31T22:53:20Z
    store = MailStore(open_database(), send_delay_s=0, now=lambda: seconds[0])
    owner, sender = store.add_mailbox("t", ANNA, UPNS[ANNA], "A"), store.add_mailbox("t", BEN, UPNS[BEN], "B")
    times = {
        "scheduledStartDateTime": at("2026-02-01T00:00:00", "W. Europe Standard Time"),
        "scheduledEndDateTime": at("2026-02-01T12:00:00"),
    }
    before = settings_of(owner)["automaticRepliesSetting"]
    change_settings(owner, {"automaticRepliesSetting": {**before, **REPLIES, **times, "status": "scheduled"}})
    counts = []
    for moment in (seconds[0], seconds[0] + 3600, seconds[0] + 86_400):
        seconds[0] = moment
        store.receive(owner, mail(f"At {moment}", from_=Address(UPNS[BEN])))
        store.outbox.deliver_due()
        counts.append(sender.count())
    assert counts == [0, 1, 1]
    store.close()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"timeZone": "Nowhere"}, "TimeZoneNotSupportedException"),
        ({"language": {"locale": "xx-XX"}}, "ErrorInvalidArgument"),
        ({"workingHours": {"startTime": "25:00:00"}}, "ErrorInvalidArgument"),
        ({"workingHours": {"startTime": "18:00:00"}}, "ErrorInvalidArgument"),
        ({"workingHours": {"daysOfWeek": ["someday"]}}, "RequestBodyRead"),
        ({"archiveFolder": "x"}, "ErrorInvalidPropertySet"),
        ({"automaticRepliesSetting": {"status": "on"}}, "RequestBodyRead"),
        ({"automaticRepliesSetting": {"scheduledEndDateTime": at("soon")}}, "ErrorInvalidArgument"),
        (
            {"automaticRepliesSetting": {"status": "scheduled", "scheduledEndDateTime": at("2020-01-01T00:00:00")}},
            "ErrorInvalidScheduledOofDuration",
        ),
    ],
)
async def test_a_setting_that_cannot_be_is_refused_and_changes_nothing(
    anna: Client, changes: dict[str, Any], code: str
) -> None:
    before = await anna.get(SETTINGS)
    assert await anna.fails("PATCH", SETTINGS, 400, json={"dateFormat": "d", **changes}) == code
    assert await anna.get(SETTINGS) == before


async def test_a_category_that_is_deleted_stays_deleted_and_on_messages(anna: Client, mailbox: Mailbox) -> None:
    message = mailbox.insert_message(mail(categories=["Red category"])).id
    for category in (await anna.get(CATEGORIES))["value"]:
        await anna.delete(f"{CATEGORIES}/{category['id']}")
    assert (await anna.get(CATEGORIES))["value"] == []
    assert (await anna.get(f"/me/messages/{message}"))["categories"] == ["Red category"]
    assert await anna.fails("DELETE", f"{CATEGORIES}/x", 404) == "ErrorItemNotFound"


async def test_an_override_decides_where_mail_of_a_sender_goes(
    anna: Client, mailbox: Mailbox, store: MailStore
) -> None:
    await anna.post(OVERRIDES, {"classifyAs": "other", "senderEmailAddress": {"address": "DORA@example.org"}})
    stored = [store.receive(mailbox, mail()), store.receive(mailbox, mail(from_=BEN_ADDRESS))]
    found = [(await anna.get(f"/me/messages/{message.id}"))["inferenceClassification"] for message in stored]
    assert found == ["other", "focused"]
    (override,) = (await anna.get(OVERRIDES))["value"]
    other = {"senderEmailAddress": {"address": UPNS[BEN]}}
    assert await anna.fails("PATCH", f"{OVERRIDES}/{override['id']}", 400, json=other) == "ErrorInvalidPropertySet"


async def test_a_mailbox_has_at_most_a_thousand_overrides(anna: Client, mailbox: Mailbox) -> None:
    with mailbox.database.transaction():
        for number in range(1000):
            override = {"id": str(number), "classifyAs": "other", "name": ""}
            mailbox.records(OVERRIDE_RECORDS).put_record(f"{number}@x.example", override)
    more = {"classifyAs": "other", "senderEmailAddress": {"address": "more@x.example"}}
    assert await anna.fails("POST", OVERRIDES, 400, json=more) == "ErrorInvalidRequest"
