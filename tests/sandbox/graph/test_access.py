from __future__ import annotations

import dataclasses

import httpx
import pytest

from outlook_mcp.sandbox.store import Mailbox, MailStore, StoredMessage
from tests.sandbox.graph.conftest import ANNA, BEN, CARLA, Client, mail


def limited(client: Client, *scopes: str) -> Client:
    return dataclasses.replace(client, scopes=scopes)


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("Mail.Send", "GET", "/me/messages"),
        ("Mail.Read", "POST", "/me/messages"),
        ("Mail.ReadWrite", "POST", "/me/sendMail"),
        ("Mail.Read", "GET", "/me/mailboxSettings"),
        ("Mail.ReadBasic", "GET", '/me/messages?$search="x"'),
        ("Mail.ReadBasic", "GET", "/me/messages?$filter=contains(body/content,'x')"),
        ("Mail.ReadBasic", "GET", "/me/messages/{id}/$value"),
        ("Mail.ReadBasic", "GET", "/me/messages/{id}/attachments"),
        ("Mail.ReadBasic", "GET", "/me/messages/{id}?$expand=attachments"),
        ("Mail.Read", "PATCH", "/me/messages/{id}"),
        ("Mail.Read", "DELETE", "/me/messages/{id}"),
    ],
)
async def test_a_missing_scope_denies(
    anna: Client, received: StoredMessage, scope: str, method: str, path: str
) -> None:
    code = await limited(anna, scope).fails(method, path.replace("{id}", received.id), 403)
    assert code == "ErrorAccessDenied"


async def test_read_basic_shows_no_body(anna: Client, received: StoredMessage) -> None:
    basic = limited(anna, "Mail.ReadBasic")
    message = await basic.get(f"/me/messages/{received.id}")
    assert message["subject"] == "Budget"
    assert not {"body", "bodyPreview", "uniqueBody"} & message.keys()


async def test_the_user_needs_a_scope_of_its_own(anna: Client) -> None:
    assert (await anna.get("/me"))["userPrincipalName"] == "anna@contoso.com"
    assert await limited(anna, "Mail.Read").fails("GET", "/me", 403) == "Authorization_RequestDenied"


async def test_ones_own_mailbox_has_three_names(anna: Client, received: StoredMessage) -> None:
    for owner in ("me", f"users/{ANNA}", "users/anna@contoso.com", "users('ANNA@contoso.com')"):
        assert (await anna.get(f"/{owner}/messages/{received.id}"))["subject"] == "Budget"


async def test_another_mailbox_is_denied_or_unknown(anna: Client) -> None:
    assert await anna.fails("GET", f"/users/{BEN}/messages", 403) == "ErrorAccessDenied"
    assert await anna.fails("GET", "/users/ben@contoso.com/messages", 403) == "ErrorAccessDenied"
    for unknown in (CARLA, "carla@fabrikam.com", "nobody@contoso.com"):
        assert await anna.fails("GET", f"/users/{unknown}/messages", 404) == "ErrorInvalidUser"


async def test_ids_of_another_mailbox_name_nothing(anna: Client, ben: Client, received: StoredMessage) -> None:
    for message in (received.id, received.immutable_id):
        for method, action in (
            ("GET", ""),
            ("PATCH", ""),
            ("DELETE", ""),
            ("GET", "/$value"),
            ("POST", "/createReply"),
        ):
            code = await ben.fails(method, f"/me/messages/{message}{action}", 404, json={})
            assert code == "ErrorItemNotFound"
    assert await ben.fails("GET", f"/me/mailFolders/{received.folder_id}", 404) == "ErrorItemNotFound"
    assert (await anna.get(f"/me/messages/{received.id}"))["subject"] == "Budget"


async def test_lists_searches_filters_and_counts_stay_in_the_mailbox(
    ben: Client, received: StoredMessage, store: MailStore
) -> None:
    store.mailbox(BEN).insert_message(mail("Own"))
    for params in (
        {},
        {"$search": '"numbers"'},
        {"$search": '"numbers OR mailbox1"'},
        {"$search": '"NOT nothing"'},
        {"$filter": "subject eq 'Budget' or subject eq 'Own'"},
        {"$filter": f"parentFolderId eq '{received.folder_id}' or subject eq 'Own'"},
    ):
        answer = await ben.get("/me/messages", params={**params, "$count": "true"})
        assert [message["subject"] for message in answer["value"]] == ["Own"]
        assert answer["@odata.count"] == 1
        assert (await ben.request("GET", "/me/messages/$count", params=params)).text == "1"


async def test_a_user_without_a_mailbox_is_told_so(http: httpx.AsyncClient) -> None:
    nobody = Client(http, "eeeeeeee-0000-4000-8000-000000000009")
    assert await nobody.fails("GET", "/me/messages", 404) == "MailboxNotEnabledForRESTAPI"
    assert await nobody.fails("GET", "/me/photo/$value", 404) == "ErrorNonExistentMailbox"


async def test_every_answer_names_its_request(anna: Client) -> None:
    for path in ("/me/messages", "/me/nonsense"):
        response = await anna.request("GET", path, headers={"client-request-id": "mine"})
        assert len(response.headers["request-id"]) == 36
        assert response.headers["client-request-id"] == "mine"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/me/nonsense", 400, "BadRequest"),
        ("GET", "/planets", 400, "BadRequest"),
        ("PUT", "/me/messages", 405, "UnknownError"),
        ("GET", "/me/messages/AAMk", 400, "ErrorInvalidIdMalformed"),
        ("GET", "/me/messages/%00", 400, "ErrorInvalidIdMalformed"),
    ],
)
async def test_wrong_urls_are_refused(anna: Client, method: str, path: str, status: int, code: str) -> None:
    assert await anna.fails(method, path, status) == code


async def test_ids_are_case_sensitive(anna: Client, received: StoredMessage) -> None:
    assert await anna.fails("GET", f"/me/messages/{received.id.lower()}", 400) == "ErrorInvalidIdMalformed"


async def test_a_message_is_found_only_in_its_own_folder(anna: Client, mailbox: Mailbox) -> None:
    stored = mailbox.insert_message(mail())
    assert (await anna.get(f"/me/mailFolders/inbox/messages/{stored.id}"))["id"] == stored.id
    assert await anna.fails("GET", f"/me/mailFolders/drafts/messages/{stored.id}", 404) == "ErrorItemNotFound"


async def test_settings_and_categories_are_there(anna: Client) -> None:
    settings = await anna.get("/me/mailboxSettings")
    assert settings["timeZone"]
    assert settings["language"]["locale"] == "en-US"
    assert (await anna.get("/me/outlook/masterCategories"))["value"][0]["color"] == "preset0"
    assert (await anna.get("/me?$select=displayName,mail"))["mail"] == "anna@contoso.com"


@pytest.mark.parametrize("path", ["/me/messages", "/me/sendMail", "/me/mailFolders", "/$batch"])
@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 5_000, b'{"subject": "\\ud800"}', b'"text"'])
async def test_a_body_that_is_no_json_of_text_is_refused(anna: Client, path: str, content: bytes) -> None:
    assert await anna.fails("POST", path, 400, content=content)
