"""What is stored of a client's own claims, and what its users get while its site does not answer."""

from __future__ import annotations

import logging
from pathlib import Path

import httpx
import pytest

from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.public_http import PublicHttp
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.web.authorization.client_document_http import ClientDocumentHttp
from outlook_mcp.web.authorization.client_documents import ClientDocuments
from tests.web.clients.site import HOST, Names, is_here
from tests.web.site.grant import asks
from tests.web.site.served import ALICE, LEGACY, Served, served
from tests.web.site.site_user import SiteUser, link_in

# Where nobody listens.
AWAY = f"https://{HOST}:1/client.json"


async def test_a_client_whose_site_is_unavailable_is_asked_to_retry_and_keeps_its_tokens(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    names = Names()
    documents = ClientDocuments(ClientDocumentHttp(PublicHttp(resolve=names, is_allowed=is_here)))
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": AWAY}
    async with served(sandbox, tmp_path, documents=documents) as site:
        answer = await site.http.post("/token", data=form)
        page = await site.http.get(asks(site.public_url, AWAY))
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert answer.headers["retry-after"] == "5"
    assert page.status_code == 503
    assert "location" not in page.headers
    assert names.asked == [HOST, HOST], "its site is asked once for each request"
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_client_that_asks_for_more_is_described_as_on_the_first_consent_page(site: Served) -> None:
    async with SiteUser(site, ALICE) as alice:
        client = await alice.converse(LEGACY)
        refused = await client.text("mail_update", ids=["1"], read=True)
        page = await alice.open(link_in(refused))
    assert "Allow Inspector to do more?" in page.words
    assert "Registered itself; nobody has checked its name" in page.words
    assert "Access goes to 127.0.0.1:6276" in page.words
    assert "Any program here can call itself Inspector" in page.words


async def test_the_protocol_version_of_a_client_is_stored_only_when_it_is_a_known_one(site: Served) -> None:
    grant = await site.grant()
    user = site.sandbox.users[0]
    for said in ("x" * 20_000, "<b>2025-11-25</b>", LEGACY):
        await site.rpc(grant.access_token, "tools/list", version=said)
        (session,) = await site.site.sessions.sessions_of(UserKey(user.tid, user.oid))
        assert session.era in ("", LEGACY)


async def test_no_answer_to_a_client_lets_a_page_of_another_origin_use_cookies(site: Served) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for path in ("/mcp", "/token", "/register", "/revoke", "/account", "/consent", "/connect", "/sign-in"):
        answers: list[httpx.Response] = [
            await site.http.options(path, headers=headers),
            await site.http.get(path, headers={"Origin": "https://evil.example"}),
        ]
        assert not [answer for answer in answers if "access-control-allow-credentials" in answer.headers]
        if path not in ("/token", "/register", "/revoke"):
            assert not [answer for answer in answers if "access-control-allow-origin" in answer.headers]
