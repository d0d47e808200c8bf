from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.store import Mailbox, MailStore, StoredMessage
from tests.sandbox.graph.conftest import Client, mail

BEN_RECIPIENT = {"emailAddress": {"address": "ben@contoso.com", "name": "Ben Cole"}}


async def folder(client: Client, name: str) -> list[dict[str, Any]]:
    return list((await client.get(f"/me/mailFolders/{name}/messages"))["value"])


async def test_send_mail_is_accepted_without_content_and_arrives(anna: Client, ben: Client, store: MailStore) -> None:
    message = {
        "subject": "Hello",
        "body": {"contentType": "html", "content": "<b>Hi</b>"},
        "toRecipients": [BEN_RECIPIENT],
    }
    response = await anna.request("POST", "/me/sendmail", json={"Message": message})
    assert response.status_code == 202
    assert response.content == b""
    assert "content-type" not in response.headers
    await store.settled()
    (sent,) = await folder(anna, "sentitems")
    (arrived,) = await folder(ben, "inbox")
    assert (sent["isRead"], sent["isDraft"], arrived["isRead"]) == (True, False, False)
    assert arrived["internetMessageId"] == sent["internetMessageId"]
    assert arrived["from"]["emailAddress"]["address"] == "anna@contoso.com"
    assert "<b>Hi</b>" in arrived["body"]["content"]
    assert await folder(anna, "outbox") == []


async def test_a_draft_is_in_the_outbox_before_it_is_in_sent_items(
    anna: Client, mailbox: Mailbox, store: MailStore
) -> None:
    draft = await anna.post("/me/messages", {"subject": "Later", "toRecipients": [BEN_RECIPIENT]})
    store.outbox.delay_s = 1.0
    response = await anna.request("POST", f"/me/messages/{draft['id']}/send")
    assert response.status_code == 202
    assert [message["subject"] for message in await folder(anna, "outbox")] == ["Later"]
    assert await folder(anna, "drafts") == []
    await store.settled()
    assert [message["subject"] for message in await folder(anna, "sentitems")] == ["Later"]


async def test_the_immutable_id_survives_sending(anna: Client, store: MailStore) -> None:
    immutable = {"Prefer": 'IdType="ImmutableId"'}
    draft = await anna.post("/me/messages", {"subject": "x", "toRecipients": [BEN_RECIPIENT]}, headers=immutable)
    await anna.request("POST", f"/me/messages/{draft['id']}/send")
    await store.settled()
    sent = await anna.get(f"/me/messages/{draft['id']}", headers=immutable)
    assert sent["isDraft"] is False
    assert await anna.fails("POST", f"/me/messages/{draft['id']}/send", 400) == "ErrorInvalidRequest"


async def test_no_copy_is_kept_when_the_sender_wants_none(anna: Client, ben: Client, store: MailStore) -> None:
    body = {"message": {"subject": "x", "toRecipients": [BEN_RECIPIENT]}, "saveToSentItems": False}
    await anna.post("/me/sendMail", body, 202)
    await store.settled()
    assert await folder(anna, "sentitems") == []
    assert len(await folder(ben, "inbox")) == 1


async def test_blind_copies_stay_blind(anna: Client, ben: Client, carla: Client, store: MailStore) -> None:
    secret = {"emailAddress": {"address": "carla@fabrikam.com"}}
    body = {"message": {"subject": "x", "toRecipients": [BEN_RECIPIENT], "bccRecipients": [secret]}}
    await anna.post("/me/sendMail", body, 202)
    await store.settled()
    for client in (ben, carla):
        (arrived,) = await folder(client, "inbox")
        assert arrived["bccRecipients"] == []
    (sent,) = await folder(anna, "sentitems")
    assert sent["bccRecipients"][0]["emailAddress"]["address"] == "carla@fabrikam.com"


async def test_an_unknown_recipient_comes_back_as_a_report(anna: Client, store: MailStore) -> None:
    nobody = {"emailAddress": {"address": "nobody@nowhere.example"}}
    await anna.post("/me/sendMail", {"message": {"subject": "Lost", "toRecipients": [nobody]}}, 202)
    await store.settled()
    (report,) = await folder(anna, "inbox")
    (sent,) = await folder(anna, "sentitems")
    assert report["subject"] == "Undeliverable: Lost"
    assert "nobody@nowhere.example" in report["body"]["content"]
    assert report["conversationId"] == sent["conversationId"]


async def test_a_mime_message_is_sent_with_its_attachment(anna: Client, ben: Client, store: MailStore) -> None:
    raw = (
        b"To: ben@contoso.com\r\nSubject: MIME\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nbody\r\n"
        b"--x\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\ndata\r\n--x--\r\n"
    )
    headers = {"Content-Type": "text/plain"}
    response = await anna.request("POST", "/me/sendMail", content=base64.b64encode(raw), headers=headers)
    assert response.status_code == 202
    await store.settled()
    (arrived,) = await folder(ben, "inbox")
    assert arrived["hasAttachments"] is True


async def test_nobody_sends_as_another(anna: Client) -> None:
    message = {"from": BEN_RECIPIENT, "toRecipients": [BEN_RECIPIENT]}
    assert await anna.fails("POST", "/me/sendMail", 403, json={"message": message}) == "ErrorSendAsDenied"


async def test_a_message_without_recipients_is_refused(anna: Client) -> None:
    assert await anna.fails("POST", "/me/sendMail", 400, json={"message": {}}) == "ErrorInvalidRecipients"
    many = [{"emailAddress": {"address": f"p{number}@contoso.com"}} for number in range(501)]
    code = await anna.fails("POST", "/me/messages", 400, json={"toRecipients": many})
    assert code == "ErrorExceededRecipientLimit"


async def test_a_reply_goes_to_reply_to_and_quotes(anna: Client, mailbox: Mailbox) -> None:
    stored = mailbox.insert_message(mail("RE: Budget", reply_to=[Address("desk@example.org", "Desk")]))
    draft = await anna.post(f"/me/messages/{stored.id}/createReply", {"comment": "Thanks <all>"})
    assert draft["subject"] == "RE: Budget"
    assert [recipient["emailAddress"]["address"] for recipient in draft["toRecipients"]] == ["desk@example.org"]
    assert draft["conversationId"] == stored.conversation_id
    content = draft["body"]["content"]
    assert "<body>Thanks &lt;all&gt;<hr" in content
    assert "The numbers are in." in content
    assert content.count("<body") == 1


async def test_a_reply_to_all_leaves_the_owner_out(anna: Client, mailbox: Mailbox) -> None:
    people = [Address("anna@contoso.com"), Address("ben@contoso.com"), Address("dora@example.org")]
    stored = mailbox.insert_message(mail(to=people, cc=[Address("eve@example.org")]))
    draft = await anna.post(f"/me/messages/{stored.id}/createReplyAll")
    assert [recipient["emailAddress"]["address"] for recipient in draft["toRecipients"]] == [
        "dora@example.org",
        "ben@contoso.com",
    ]
    assert [recipient["emailAddress"]["address"] for recipient in draft["ccRecipients"]] == ["eve@example.org"]


async def test_a_forward_carries_the_attachments(anna: Client, mailbox: Mailbox, received: StoredMessage) -> None:
    body = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ=="}
    await anna.post(f"/me/messages/{received.id}/attachments", body)
    draft = await anna.post(f"/me/messages/{received.id}/createForward", {"toRecipients": [BEN_RECIPIENT]})
    assert draft["subject"] == "FW: Budget"
    assert draft["hasAttachments"] is True


async def test_replies_are_sent_at_once(anna: Client, ben: Client, store: MailStore) -> None:
    await anna.post("/me/sendMail", {"message": {"subject": "Ping", "toRecipients": [BEN_RECIPIENT]}}, 202)
    await store.settled()
    (ping,) = await folder(ben, "inbox")
    for action in ("reply", "replyAll"):
        await ben.post(f"/me/messages/{ping['id']}/{action}", {"comment": action}, 202)
    forward = {"toRecipients": [{"emailAddress": {"address": "anna@contoso.com"}}]}
    await ben.post(f"/me/messages/{ping['id']}/forward", forward, 202)
    await store.settled()
    arrived = await folder(anna, "inbox")
    assert sorted(message["subject"] for message in arrived) == ["FW: Ping", "RE: Ping", "RE: Ping"]
    assert len({message["conversationId"] for message in arrived}) == 1


@pytest.mark.parametrize("action", ["reply", "createReply", "replyAll", "createReplyAll"])
async def test_comment_and_body_exclude_each_other(anna: Client, received: StoredMessage, action: str) -> None:
    body = {"comment": "a", "message": {"body": {"contentType": "text", "content": "b"}}}
    path = f"/me/messages/{received.id}/{action}"
    assert await anna.fails("POST", path, 400, json=body) == "ErrorInvalidRequest"


async def test_a_deferred_message_waits(anna: Client, store: MailStore) -> None:
    later = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    deferred = [{"id": "SystemTime 0x3FEF", "value": later}]
    message = {"subject": "x", "toRecipients": [BEN_RECIPIENT], "singleValueExtendedProperties": deferred}
    await anna.post("/me/sendMail", {"message": message}, 202)
    await store.settled()
    assert len(await folder(anna, "outbox")) == 1
