from __future__ import annotations

import base64

from outlook_mcp.sandbox.message import Attachment
from outlook_mcp.sandbox.store import Mailbox, StoredMessage
from tests.sandbox.graph.conftest import Client, mail


async def test_a_message_has_its_properties_a_context_and_an_etag(anna: Client, received: StoredMessage) -> None:
    message = await anna.get(f"/me/messages/{received.id}")
    assert message["subject"] == "Budget"
    assert message["from"] == {"emailAddress": {"name": "Dora Ek", "address": "dora@example.org"}}
    assert message["@odata.context"].endswith("/messages/$entity")
    assert message["@odata.etag"] == f'W/"{message["changeKey"]}"'
    assert base64.b64decode(message["conversationIndex"], validate=True)
    assert not {"uniqueBody", "internetMessageHeaders"} & message.keys()


async def test_a_body_is_a_whole_document_or_text_on_request(anna: Client, received: StoredMessage) -> None:
    path = f"/me/messages/{received.id}?$select=body"
    html = (await anna.get(path))["body"]
    assert html["contentType"] == "html"
    assert html["content"].startswith("<html><head>")
    assert html["content"].endswith("<p>The numbers are in.</p></body></html>")
    response = await anna.request("GET", path, headers={"Prefer": 'outlook.body-content-type="text"'})
    assert response.headers["preference-applied"] == 'outlook.body-content-type="text"'
    assert response.json()["body"] == {"contentType": "text", "content": "The numbers are in."}


async def test_a_text_message_is_answered_as_html(anna: Client, mailbox: Mailbox) -> None:
    stored = mailbox.insert_message(mail(body="one < two\nthree", body_type="text"))
    body = (await anna.get(f"/me/messages/{stored.id}"))["body"]
    assert "one &lt; two<br>\r\nthree" in body["content"]


async def test_the_columns_of_a_text_message_are_kept_in_html(anna: Client, mailbox: Mailbox) -> None:
    stored = mailbox.insert_message(mail(body="a   b\n  c\nd\te", body_type="text"))
    body = (await anna.get(f"/me/messages/{stored.id}"))["body"]
    hard = "&nbsp;"
    assert f"a{hard * 2} b<br>\r\n{hard * 2}c<br>\r\nd{hard * 6} e" in body["content"]


async def test_unsafe_html_is_stripped_unless_the_client_insists(anna: Client, mailbox: Mailbox) -> None:
    evil = '<p onclick="x()">Hi &amp; bye<script>alert(1)</script><a href="java\tscript:y()">z</a></p>'
    stored = mailbox.insert_message(mail(body=evil))
    content = (await anna.get(f"/me/messages/{stored.id}"))["body"]["content"]
    assert "<p>Hi &amp; bye<a>z</a></p>" in content
    insisted = await anna.get(f"/me/messages/{stored.id}", headers={"Prefer": "outlook.allow-unsafe-html"})
    assert evil in insisted["body"]["content"]


async def test_the_preview_is_255_characters_of_text(anna: Client, mailbox: Mailbox) -> None:
    stored = mailbox.insert_message(mail(body=f"<b>{'word ' * 100}</b>"))
    assert (await anna.get(f"/me/messages/{stored.id}"))["bodyPreview"] == ("word " * 100)[:255]


async def test_unique_body_and_headers_come_only_when_selected(anna: Client, mailbox: Mailbox) -> None:
    quoted = '<html><body>new<hr><div id="divRplyFwdMsg">old</div></body></html>'
    stored = mailbox.insert_message(mail(body=quoted, headers=[("X-Tag", "7")]))
    answer = await anna.get(f"/me/messages/{stored.id}?$select=uniqueBody,internetMessageHeaders")
    assert "new" in answer["uniqueBody"]["content"]
    assert "old" not in answer["uniqueBody"]["content"]
    assert answer["internetMessageHeaders"] == [{"name": "X-Tag", "value": "7"}]
    assert "id" in answer
    assert "@odata.etag" in answer


async def test_only_attachments_that_are_not_inline_count(anna: Client, mailbox: Mailbox) -> None:
    logo = Attachment("logo.png", "image/png", b"png", is_inline=True, content_id="logo")
    inline = mailbox.insert_message(mail(attachments=[logo]))
    attached = mailbox.insert_message(mail(attachments=[logo, Attachment("a.txt", "text/plain", b"a")]))
    assert (await anna.get(f"/me/messages/{inline.id}"))["hasAttachments"] is False
    assert (await anna.get(f"/me/messages/{attached.id}"))["hasAttachments"] is True


async def test_a_move_changes_the_ordinary_id_and_not_the_immutable_one(anna: Client, received: StoredMessage) -> None:
    immutable = {"Prefer": 'IdType="ImmutableId"'}
    before = await anna.get(f"/me/messages/{received.id}", headers=immutable)
    moved = await anna.post(f"/me/messages/{received.id}/move", {"DestinationId": "archive"})
    assert moved["id"] != received.id
    assert await anna.fails("GET", f"/me/messages/{received.id}", 404) == "ErrorItemNotFound"
    after = await anna.get(f"/me/messages/{before['id']}", headers=immutable)
    assert after["id"] == before["id"]
    assert after["parentFolderId"] == (await anna.get("/me/mailFolders/archive"))["id"]


async def test_a_copy_leaves_the_original(anna: Client, received: StoredMessage) -> None:
    copy = await anna.post(f"/me/messages/{received.id}/copy", {"destinationId": "archive"})
    original = await anna.get(f"/me/messages/{received.id}")
    assert copy["id"] != original["id"]
    assert copy["conversationId"] == original["conversationId"]


async def test_permanent_delete_erases_at_once(anna: Client, mailbox: Mailbox, received: StoredMessage) -> None:
    await anna.post(f"/me/messages/{received.id}/permanentDelete", status=204)
    assert mailbox.count() == 0


async def test_a_draft_is_created_with_names_in_any_case(anna: Client) -> None:
    draft = await anna.post(
        "/me/messages",
        {
            "Subject": "Plan",
            "BODY": {"ContentType": "HTML", "content": "<b>x</b>"},
            "toRecipients": [{"emailAddress": {"address": "ben@contoso.com"}}],
            "internetMessageHeaders": [{"name": "x-tag", "value": "1"}],
            "flag": {"flagStatus": "flagged"},
        },
    )
    assert draft["isDraft"] is True
    assert draft["toRecipients"][0]["emailAddress"]["address"] == "ben@contoso.com"
    assert draft["flag"]["flagStatus"] == "flagged"
    assert draft["parentFolderId"] == (await anna.get("/me/mailFolders('Drafts')"))["id"]


async def test_a_draft_changes_everywhere_and_a_received_message_only_its_marks(
    anna: Client, received: StoredMessage
) -> None:
    draft = await anna.post("/me/messages", {"subject": "one"})
    changed = await anna.patch(f"/me/messages/{draft['id']}", {"subject": "two", "categories": ["Red category"]})
    assert changed["subject"] == "two"
    assert changed["@odata.etag"] != draft["@odata.etag"]
    path = f"/me/messages/{received.id}"
    read = await anna.patch(path, {"isRead": True, "importance": "high", "flag": {"flagStatus": "complete"}})
    assert (read["isRead"], read["importance"], read["flag"]["flagStatus"]) == (True, "high", "complete")
    assert await anna.fails("PATCH", path, 400, json={"subject": "two"}) == "ErrorInvalidPropertySet"
    assert await anna.fails("PATCH", path, 400, json={"bodyPreview": "two"}) == "ErrorInvalidPropertySet"


async def test_an_old_etag_is_refused(anna: Client, received: StoredMessage) -> None:
    path = f"/me/messages/{received.id}"
    old = (await anna.get(path))["@odata.etag"]
    await anna.patch(path, {"isRead": True}, headers={"If-Match": old})
    code = await anna.fails("PATCH", path, 412, json={"isRead": False}, headers={"If-Match": old})
    assert code == "ErrorIrresolvableConflict"


async def test_an_unknown_property_is_named(anna: Client) -> None:
    response = await anna.request("POST", "/me/messages", json={"colour": "red"})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "RequestBodyRead"
    assert "'colour'" in response.json()["error"]["message"]


async def test_custom_headers_must_start_with_x(anna: Client) -> None:
    body = {"internetMessageHeaders": [{"name": "Subject", "value": "1"}]}
    assert await anna.fails("POST", "/me/messages", 400, json=body) == "InvalidInternetMessageHeader"


async def test_the_mime_form_is_what_was_delivered(anna: Client, mailbox: Mailbox) -> None:
    raw = b"From: a@b.example\r\nSubject: raw\r\n\r\nbody\r\n"
    stored = mailbox.insert_message(mail(subject="raw", mime=raw))
    response = await anna.request("GET", f"/me/messages/{stored.id}/$value")
    assert response.content == raw
    assert response.headers["content-type"].startswith("text/plain")


async def test_a_draft_is_created_from_mime(anna: Client) -> None:
    raw = base64.b64encode(b"To: ben@contoso.com\r\nSubject: from MIME\r\n\r\nbody\r\n")
    headers = {"Content-Type": "text/plain"}
    draft = await anna.request("POST", "/me/messages", content=raw, headers=headers)
    assert draft.status_code == 201
    assert draft.json()["subject"] == "from MIME"
    code = await anna.fails("POST", "/me/messages", 400, content=b"%%%", headers=headers)
    assert code == "ErrorMimeContentInvalidBase64String"


async def test_extended_properties_are_kept_found_and_expanded(anna: Client) -> None:
    name = "String {00020329-0000-0000-c000-000000000046} Name Ticket"
    fields = {"subject": "x", "singleValueExtendedProperties": [{"id": name, "value": "42"}]}
    draft = await anna.post("/me/messages", fields)
    await anna.post("/me/messages", {"subject": "y"})
    condition = f"singleValueExtendedProperties/any(ep:ep/id eq '{name}' and ep/value eq '42')"
    found = await anna.get("/me/messages", params={"$filter": condition})
    assert [message["id"] for message in found["value"]] == [draft["id"]]
    expansion = f"singleValueExtendedProperties($filter=id eq '{name}')"
    shown = await anna.get(f"/me/messages/{draft['id']}", params={"$expand": expansion})
    assert shown["singleValueExtendedProperties"] == [{"id": name, "value": "42"}]


async def test_an_invitation_is_an_event_message(anna: Client, mailbox: Mailbox) -> None:
    calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nDTSTART:20260301T090000Z\r\nEND:VEVENT\r\n"
    stored = mailbox.insert_message(mail(calendar=calendar))
    message = await anna.get(f"/me/messages/{stored.id}")
    assert message["@odata.type"] == "#microsoft.graph.eventMessageRequest"
    assert message["startDateTime"] == {"dateTime": "2026-03-01T09:00:00.0000000", "timeZone": "UTC"}


async def test_ids_translate_there_and_back(anna: Client, received: StoredMessage) -> None:
    given = received.id
    for target in ("restImmutableEntryId", "ewsId", "entryId", "immutableEntryId"):
        body = {"inputIds": [given, "nonsense"], "sourceIdType": "restId", "targetIdType": target}
        good, bad = (await anna.post("/me/translateExchangeIds", body, 200))["value"]
        assert bad["errorDetails"]["code"] == "ErrorInvalidIdMalformed"
        back = {"inputIds": [good["targetId"]], "sourceIdType": target, "targetIdType": "restId"}
        (returned,) = (await anna.post("/me/translateExchangeIds", back, 200))["value"]
        assert returned["targetId"] == given
