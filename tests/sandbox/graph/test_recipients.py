"""MailTips, groups and recipients that do not accept mail."""

from __future__ import annotations

from typing import Any

from outlook_mcp.sandbox.store import Mailbox, MailStore
from outlook_mcp.sandbox.store.mail.recipients import RecipientSettings, set_recipient
from outlook_mcp.sandbox.store.mail.settings import change_settings, settings_of
from tests.sandbox.graph.conftest import ANNA, BEN, CARLA, UPNS, Client

ALL = (
    "automaticReplies,mailboxFullStatus,customMailTip,externalMemberCount,totalMemberCount,maxMessageSize,"
    "deliveryRestriction,moderationStatus,recipientScope,recipientSuggestions"
)


async def tips(client: Client, address: str, options: str = ALL) -> dict[str, Any]:
    body = {"emailAddresses": [address], "mailTipsOptions": options}
    ((tip),) = (await client.post("/me/getMailTips", body, 200))["value"]
    assert tip.pop("emailAddress") == {"name": "", "address": address}
    return dict(tip)


async def bodies(client: Client, subject: str) -> list[str]:
    headers = {"Prefer": 'outlook.body-content-type="text"'}
    found = (await client.get(f"/me/messages?$filter=subject eq '{subject}'", headers=headers))["value"]
    return [message["body"]["content"] for message in found]


async def test_mail_tips_are_computed_from_the_recipient(anna: Client, store: MailStore) -> None:
    ben = store.mailbox(BEN)
    plain = await tips(anna, UPNS[BEN])
    assert plain == {
        "automaticReplies": {"message": ""},
        "mailboxFull": False,
        "customMailTip": "",
        "externalMemberCount": 0,
        "totalMemberCount": 0,
        "maxMessageSize": 36_700_160,
        "deliveryRestricted": False,
        "isModerated": False,
        "recipientScope": "internal",
        "recipientSuggestions": [],
    }
    replies = {**settings_of(ben)["automaticRepliesSetting"], "status": "alwaysEnabled", "internalReplyMessage": "Away"}
    change_settings(ben, {"automaticRepliesSetting": replies})
    set_recipient(ben, RecipientSettings(custom_mail_tip="Reads slowly", mailbox_full=True, moderated=True))
    told = await tips(anna, UPNS[BEN])
    assert (told["customMailTip"], told["mailboxFull"], told["isModerated"]) == ("Reads slowly", True, True)
    language = {"locale": "en-US", "displayName": "English (United States)"}
    assert told["automaticReplies"] == {"message": "Away", "messageLanguage": language}


async def test_nothing_is_told_of_recipients_elsewhere_and_of_those_that_there_are_not(
    anna: Client, store: MailStore
) -> None:
    set_recipient(store.mailbox(CARLA), RecipientSettings(mailbox_full=True))
    options = "mailboxFullStatus,recipientScope"
    assert await tips(anna, UPNS[CARLA], options) == {"mailboxFull": False, "recipientScope": "external"}
    assert (await tips(anna, "nobody@contoso.com"))["error"]["code"] == "ErrorNonExistentMailbox"
    assert (await tips(anna, "no address"))["error"]["code"] == "ErrorInvalidRecipients"
    wrong = {"EmailAddresses": [UPNS[BEN]], "MailTipsOptions": "mood"}
    assert await anna.fails("POST", "/me/getMailTips", 400, json=wrong) == "BadRequest"


async def test_a_group_has_its_members_counted_and_reached_once(
    anna: Client, ben: Client, mailbox: Mailbox, store: MailStore
) -> None:
    store.groups.put_group("team@contoso.com", "Team", [UPNS[BEN], UPNS[CARLA]])
    store.groups.put_group("all@contoso.com", "All", ["TEAM@contoso.com", UPNS[ANNA], "all@contoso.com"])
    told = await tips(anna, "all@contoso.com")
    assert (told["totalMemberCount"], told["externalMemberCount"], told["recipientScope"]) == (3, 1, "internal")
    people = [{"emailAddress": {"address": name}} for name in ("all@contoso.com", UPNS[BEN])]
    await anna.post("/me/sendMail", {"message": {"subject": "Hi", "toRecipients": people}}, 202)
    await store.settled()
    assert len(await bodies(ben, "Hi")) == 1
    assert mailbox.folders.by_name("inbox").total == 1


async def test_a_recipient_that_accepts_nothing_is_reported_with_the_reason(
    anna: Client, carla: Client, store: MailStore
) -> None:
    for settings, reason in (
        (RecipientSettings(mailbox_full=True), "554 5.2.2"),
        (RecipientSettings(max_message_size=10), "550 5.2.3"),
        (RecipientSettings(delivery_restricted=True), "550 5.7.133"),
    ):
        set_recipient(store.mailbox(ANNA), settings)
        people = [{"emailAddress": {"address": UPNS[ANNA]}}]
        await carla.post("/me/sendMail", {"message": {"subject": reason, "toRecipients": people}}, 202)
        await store.settled()
        (report,) = await bodies(carla, f"Undeliverable: {reason}")
        assert reason in report
    assert (await anna.get("/me/messages"))["value"] == []
