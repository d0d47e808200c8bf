"""Inbox rules: kept as Graph keeps them, and applied to each message that is delivered."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.sandbox.message import Address, Attachment, Message
from outlook_mcp.sandbox.store import Mailbox, MailStore
from outlook_mcp.sandbox.store.mail.rule_conditions import CONDITION_NAMES, DeliveredMessage, is_exception, is_match
from tests.sandbox.graph.conftest import ANNA, BEN, UPNS, Client, mail

RULES = "/me/mailFolders/inbox/messageRules"
BEN_RECIPIENT = {"emailAddress": {"name": "Ben Cole", "address": UPNS[BEN]}}
ANNA_ADDRESS = Address(UPNS[ANNA], "Anna Berg")
INVITATION = (
    "BEGIN:VCALENDAR\r\nMETHOD:{}\r\nBEGIN:VEVENT\r\nDTSTART:20260301T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def rule(actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"displayName": "Partners", "actions": actions, **more}


def subjects(mailbox: Mailbox, folder: str) -> list[str]:
    found = mailbox.messages.select("m.folder = ?", (mailbox.folders.by_name(folder).key,), "m.id", 50)
    return [stored.subject for stored in found]


async def test_a_rule_is_made_read_changed_listed_and_deleted(anna: Client) -> None:
    made = await anna.post(RULES, rule({"markAsRead": True}, conditions={"senderContains": ["dora"]}))
    assert (made["sequence"], made["isEnabled"], made["hasError"], made["isReadOnly"]) == (1, True, False, False)
    assert (made["conditions"], made["actions"]) == ({"senderContains": ["dora"]}, {"markAsRead": True})
    second = await anna.post(RULES, rule({"delete": True}, sequence=0))
    listed = await anna.get(RULES)
    assert [found["id"] for found in listed["value"]] == [second["id"], made["id"]]
    changed = await anna.patch(f"{RULES}/{made['id']}", {"displayName": "New", "isEnabled": False, "conditions": None})
    assert (changed["displayName"], changed["isEnabled"], "conditions" in changed) == ("New", False, False)
    await anna.delete(f"{RULES}/{second['id']}")
    assert (await anna.request("GET", f"{RULES}/$count")).text == "1"
    assert await anna.fails("GET", f"{RULES}/{second['id']}", 404) == "ErrorItemNotFound"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"displayName": "No action"}, "ErrorInboxRulesValidationError"),
        (rule({"markAsRead": False}), "ErrorInboxRulesValidationError"),
        (rule({"forwardTo": [{"emailAddress": {"name": "Ben"}}]}), "ErrorInboxRulesValidationError"),
        (rule({"markAsRead": True}, sequence=-1), "ErrorInboxRulesValidationError"),
        (rule({"moveToFolder": "nowhere"}), "ErrorInvalidIdMalformed"),
        (rule({"shred": True}), "RequestBodyRead"),
        (rule({"markAsRead": True}, conditions={"weekday": "monday"}), "RequestBodyRead"),
    ],
)
async def test_a_rule_that_exchange_would_not_keep_is_refused(anna: Client, body: dict[str, Any], code: str) -> None:
    assert await anna.fails("POST", RULES, 400, json=body) == code


async def test_rules_are_of_the_inbox_and_need_a_permission(anna: Client) -> None:
    assert await anna.fails("GET", "/me/mailFolders/archive/messageRules", 400) == "ErrorInvalidRequest"
    reader = Client(anna.http, ANNA, ("MailboxSettings.Read",))
    assert await reader.fails("POST", RULES, 403, json=rule({"markAsRead": True})) == "ErrorAccessDenied"
    assert (await reader.get(RULES))["value"] == []


async def test_a_delivered_message_is_marked_copied_and_moved(anna: Client, mailbox: Mailbox, store: MailStore) -> None:
    marks = {"assignCategories": ["Red category"], "markImportance": "high", "markAsRead": True}
    actions = {**marks, "copyToFolder": "archive", "moveToFolder": mailbox.ensure_folder("Partners").id}
    await anna.post(RULES, rule(actions, conditions={"subjectContains": ["budget"]}))
    moved = await anna.get(f"/me/messages/{store.receive(mailbox, mail('The BUDGET')).id}")
    assert (moved["categories"], moved["importance"], moved["isRead"]) == (["Red category"], "high", True)
    assert moved["parentFolderId"] == mailbox.ensure_folder("Partners").id
    assert subjects(mailbox, "archive") == ["The BUDGET"]
    store.receive(mailbox, mail("Lunch"))
    assert subjects(mailbox, "inbox") == ["Lunch"]


async def test_rules_run_in_sequence_until_one_stops_them(anna: Client, mailbox: Mailbox, store: MailStore) -> None:
    await anna.post(RULES, rule({"moveToFolder": "archive"}, sequence=2))
    await anna.post(RULES, rule({"delete": True}, sequence=3))
    await anna.post(RULES, rule({"markAsRead": True}, sequence=4, isEnabled=False))
    stop = await anna.post(RULES, rule({"stopProcessingRules": True}, sequence=1, exceptions={"importance": "high"}))
    store.receive(mailbox, mail("Kept"))
    assert subjects(mailbox, "inbox") == ["Kept"]
    store.receive(mailbox, mail("Moved twice", importance="high"))
    assert subjects(mailbox, "archive") == subjects(mailbox, "deleteditems") == ["Moved twice"]
    await anna.patch(f"{RULES}/{stop['id']}", {"actions": {"permanentDelete": True}})
    store.receive(mailbox, mail("Gone"))
    assert mailbox.count() == 3


async def test_a_rule_whose_folder_is_gone_has_an_error_and_is_not_applied(
    anna: Client, mailbox: Mailbox, store: MailStore
) -> None:
    folder = mailbox.ensure_folder("Partners")
    made = await anna.post(RULES, rule({"moveToFolder": folder.id, "markAsRead": True}))
    mailbox.delete_folder(folder, permanently=True)
    assert (await anna.get(f"{RULES}/{made['id']}"))["hasError"]
    assert not store.receive(mailbox, mail()).row["is_read"]


async def test_a_rule_forwards_and_redirects_once(
    anna: Client, ben: Client, mailbox: Mailbox, store: MailStore
) -> None:
    to_ben = {name: [BEN_RECIPIENT] for name in ("forwardTo", "forwardAsAttachmentTo", "redirectTo")}
    await anna.post(RULES, rule(to_ben))
    await ben.post(RULES, rule({"redirectTo": [{"emailAddress": {"address": UPNS[ANNA]}}]}))
    store.receive(mailbox, mail("Budget"))
    await store.settled()
    found = (await ben.get("/me/messages?$select=subject,from,hasAttachments&$top=50"))["value"]
    seen = sorted(
        (message["subject"], message["from"]["emailAddress"]["address"], message["hasAttachments"]) for message in found
    )
    assert seen == [
        ("Budget", "dora@example.org", False),
        ("FW: Budget", UPNS[ANNA], False),
        ("FW: Budget", UPNS[ANNA], True),
    ]
    assert subjects(mailbox, "sentitems") == []
    # Ben's rule sends all three back, and Anna's does not send them on again.
    assert sorted(subjects(mailbox, "inbox")) == ["Budget", "Budget", "FW: Budget", "FW: Budget"]


async def test_sent_mail_meets_the_rules_of_its_recipient(anna: Client, ben: Client, store: MailStore) -> None:
    await ben.post(
        RULES, rule({"markAsRead": True}, conditions={"fromAddresses": [{"emailAddress": {"address": UPNS[ANNA]}}]})
    )
    await anna.post("/me/sendMail", {"message": {"subject": "Hello", "toRecipients": [BEN_RECIPIENT]}}, 202)
    await store.settled()
    assert [message["isRead"] for message in (await ben.get("/me/messages"))["value"]] == [True]


_FITTING: dict[str, tuple[Any, Message]] = {
    "bodyContains": (["NUMBERS"], mail()),
    "bodyOrSubjectContains": (["budget", "x"], mail()),
    "subjectContains": (["budget"], mail()),
    "headerContains": (["x-team: north"], mail(headers=[("X-Team", "North")])),
    "senderContains": (["dora"], mail()),
    "recipientContains": (["anna"], mail()),
    "fromAddresses": ([{"emailAddress": {"address": "DORA@example.org"}}], mail()),
    "sentToAddresses": ([{"emailAddress": {"address": UPNS[ANNA]}}], mail()),
    "categories": (["Red"], mail(categories=["Red"])),
    "importance": ("low", mail(importance="low")),
    "sensitivity": ("confidential", mail(headers=[("Sensitivity", "Company-Confidential")])),
    "messageActionFlag": ("any", mail(headers=[("X-Message-Flag", "Follow up")])),
    "withinSizeRange": ({"minimumSize": 1, "maximumSize": 3}, mail()),
    "hasAttachments": (True, mail(attachments=[Attachment("a", "text/plain", b"a")])),
    "sentToMe": (True, mail()),
    "sentOnlyToMe": (True, mail()),
    "sentCcMe": (True, mail(to=[], cc=[ANNA_ADDRESS])),
    "sentToOrCcMe": (True, mail(to=[], cc=[ANNA_ADDRESS])),
    "notSentToMe": (True, mail(to=[])),
    "isAutomaticReply": (True, mail(headers=[("Auto-Submitted", "auto-replied")])),
    "isAutomaticForward": (True, mail(headers=[("Auto-Submitted", "auto-forwarded")])),
    "isNonDeliveryReport": (True, mail(headers=[("X-MS-Exchange-Message-Is-Ndr", "")])),
    "isReadReceipt": (True, mail(headers=[("Content-Type", "multipart/report; report-type=disposition-notification")])),
    "isMeetingRequest": (True, mail(calendar=INVITATION.format("REQUEST"))),
    "isMeetingResponse": (True, mail(calendar=INVITATION.format("REPLY"))),
    "isEncrypted": (True, mail(headers=[("Content-Type", "application/pkcs7-mime; smime-type=enveloped-data")])),
    "isSigned": (True, mail(headers=[("Content-Type", "multipart/signed")])),
    "isPermissionControlled": (True, mail(headers=[("Content-Class", "rpmsg.message")])),
    "isVoicemail": (True, mail(headers=[("Content-Class", "Voice-uc")])),
    "isApprovalRequest": (True, mail(headers=[("Content-Class", "ApprovalRequest")])),
}


def test_every_condition_of_graph_is_met_by_the_message_that_it_describes() -> None:
    assert _FITTING.keys() == CONDITION_NAMES
    plain = DeliveredMessage(
        Message(to=[Address("a@x.example"), ANNA_ADDRESS], from_=Address("b@x.example")), UPNS[ANNA], 10
    )
    for name, (value, message) in _FITTING.items():
        delivered = DeliveredMessage(message, UPNS[ANNA], 2048)
        assert is_match(delivered, {name: value}), name
        assert is_exception(delivered, {name: value}), name
        if name not in ("sentToMe", "sentToOrCcMe", "recipientContains", "sentToAddresses"):
            assert not is_match(plain, {name: value}), name
    assert is_match(plain, {"hasAttachments": False, "bodyContains": [], "importance": None})
    assert not is_exception(plain, {"hasAttachments": False})
