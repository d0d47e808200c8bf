"""Step-up: a client starts with reading, and gets more scopes when it needs them and its user agrees."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from outlook_mcp.sandbox import Sandbox
from tests.answers import text_of
from tests.web.site.conversation import LEGACY, MODERN, Conversation
from tests.web.site.grant import REDIRECT_URI
from tests.web.site.served import ALICE, Served
from tests.web.site.site_user import SiteUser, link_in


@pytest.fixture
async def alice(site: Served) -> AsyncIterator[SiteUser]:
    async with SiteUser(site, ALICE) as alice:
        yield alice


async def graph_scopes(person: SiteUser) -> set[str]:
    """The Graph permissions that we have in the person's mailbox."""
    token = await person.site.site.components.tokens.access_token(person.key)
    claims = token.get_secret_value().split(".")[1]
    return set(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["scp"].split())


def asked_of_microsoft(person: SiteUser) -> list[set[str]]:
    """The scopes of every sign-in, in turn."""
    visited = [urlsplit(url) for url in person.steps]
    return [
        set(parse_qs(url.query)["scope"][0].split()) for url in visited if url.path.endswith("/oauth2/v2.0/authorize")
    ]


def changes(sandbox: Sandbox) -> list[str]:
    """What was written to mailboxes."""
    return [
        f"{record.method} {record.path}"
        for record in sandbox.log.records
        if record.path.startswith("/v1.0") and record.method != "GET" and not record.path.endswith("$batch")
    ]


def first_id(listed: str) -> str:
    found = re.search(r"^(\d+) \d\d:\d\d", listed, re.MULTILINE)
    assert found
    return found[1]


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def test_a_modern_client_steps_up_and_the_call_goes_on(site: Served, alice: SiteUser) -> None:
    async with alice.client() as client:
        mail = first_id(text_of(await client.call_tool("mail_search", {})))
        assert [query_of(url)["scope"] for url in alice.authorized] == ["mail.read offline_access"]
        assert "Mail.ReadWrite" not in await graph_scopes(alice)
        updated = await client.call_tool("mail_update", {"ids": [mail], "read": True})
        assert not updated.is_error, text_of(updated)
        _, wider = (query_of(url)["scope"] for url in alice.authorized)
        assert set(wider.split()) == {"mail.read", "mail.write", "offline_access"}
        assert not (await client.call_tool("mail_search", {})).is_error
    first, second = asked_of_microsoft(alice)
    assert "Mail.Read" in first
    assert "Mail.ReadWrite" not in first
    assert "Mail.ReadWrite" in second
    assert "Mail.Send" not in second
    assert "Mail.ReadWrite" in await graph_scopes(alice)


async def test_a_legacy_client_gets_a_link_and_its_token_has_more_scopes_afterwards(
    site: Served, alice: SiteUser
) -> None:
    client = await alice.converse(LEGACY)
    mail = first_id(await client.text("mail_search"))
    refused = await client.text("mail_update", ids=[mail], read=True)
    assert "This client may not do that yet: Change, move and delete your mail" in refused
    assert "Mail.ReadWrite" not in await graph_scopes(alice)
    page = await alice.open(link_in(refused))
    assert "Allow Inspector to do more?" in page.words
    assert "Send mail" not in page.words
    done = await alice.press(page, "Allow")
    assert "now has the permission that it asked for" in done.words
    assert "Mail.ReadWrite" in await graph_scopes(alice)
    assert "Updated" in await client.text("mail_update", ids=[mail], read=True)
    assert len(changes(site.sandbox)) == 1
    still = await client.text("mail_send", draft=mail)
    assert "Send mail in your name" in still


@pytest.mark.parametrize("lie", [{"Mcp-Method": "tools/list"}, {"Mcp-Name": "mail_search"}, {}])
async def test_the_scope_of_a_call_is_never_taken_from_its_headers_alone(
    site: Served, alice: SiteUser, lie: dict[str, str]
) -> None:
    """A check of the headers alone would accept a client that sends none, or others."""
    call = {"name": "mail_update", "arguments": {"ids": ["1"], "read": True}}
    for version in (LEGACY, MODERN, "2025-03-26"):
        client = await alice.converse(version)
        answer = await client.send("tools/call", call, headers=lie)
        assert "Updated" not in answer.text
        assert answer.status_code in (400, 403) or "may not do that yet" in answer.text
    assert changes(site.sandbox) == []


async def test_refusing_more_scopes_changes_nothing(site: Served, alice: SiteUser) -> None:
    client = await alice.converse(LEGACY)
    link = link_in(await client.text("mail_update", ids=["1"], read=True))
    assert "Nothing was changed" in (await alice.press(await alice.open(link), "Refuse")).words
    again = await client.text("mail_update", ids=["1"], read=True)
    assert "may not do that yet" in again
    assert link_in(again) != link
    assert len(asked_of_microsoft(alice)) == 1
    assert changes(site.sandbox) == []


async def test_a_refused_step_up_leaves_the_client_what_it_had(site: Served, alice: SiteUser) -> None:
    grant = await alice.grant()
    page = await alice.open(alice.asked(grant.client_id, scope="mail.read mail.write"))
    back = await alice.press(page, "Refuse")
    assert (back.url.partition("?")[0], back.query["error"]) == (REDIRECT_URI, "access_denied")
    client = Conversation(site.http, grant.access_token)
    assert (await client.call("mail_search")).status_code == 200
    assert (await client.call("mail_update", ids=["1"], read=True)).status_code == 403


async def test_scopes_that_one_client_gets_are_not_given_to_another(site: Served, alice: SiteUser) -> None:
    one, other = await alice.converse(LEGACY), await alice.converse(LEGACY)
    await alice.follow(link_in(await one.text("mail_update", ids=["1"], read=True)), "Allow")
    assert "may not do that yet" not in await one.text("mail_update", ids=["1"], read=True)
    assert "may not do that yet" in await other.text("mail_update", ids=["1"], read=True)


@pytest.mark.parametrize("version", [LEGACY, MODERN])
async def test_a_narrowed_token_gets_no_more_scopes(site: Served, alice: SiteUser, version: str) -> None:
    """Such a client passes it to a program that it trusts less than itself (RFC 6749, 6)."""
    grant = await alice.grant("mail.read mail.write")
    form = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token, "client_id": grant.client_id}
    narrow = (await site.http.post("/token", data=form | {"scope": "mail.read"})).json()
    assert narrow["scope"] == "mail.read"
    client = Conversation(site.http, narrow["access_token"], version)
    answer = await client.call("mail_update", ids=["1"], read=True)
    assert answer.status_code == 403 or "Connect again with a token that has the scope mail.write" in answer.text
    assert changes(site.sandbox) == []
