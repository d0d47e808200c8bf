"""An enterprise's identity provider decides which client acts for whom here (ID-JAG), and we issue the token.

The sandbox signs no identity assertions itself: those of Entra ID are made here with its keys.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import httpx2
import jwt
import pytest
from mcp import Client
from mcp.client.auth.extensions.identity_assertion import IdentityAssertionOAuthProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import JWT_BEARER_GRANT_TYPE

from outlook_mcp.cli.http_client import MemoryTokenStorage
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import CONTOSO, FABRIKAM
from outlook_mcp.sandbox.entra.keys import SigningKeys
from tests.one_task import in_one_task
from tests.people import key_of, user_of
from tests.web.issuers.issuer import CLIENT_ID, CLIENT_SECRET, SUBJECT, TestIssuer, running_issuer
from tests.web.issuers_e2e.entra import letter, link_in, told
from tests.web.issuers_e2e.opened_site import ListeningPort, opened
from tests.web.issuers_e2e.person_at_browser import Person, connects
from tests.web.site.grant import asks, registered
from tests.web.site.served import ALICE, BOB, LEGACY, MODERN, Served

AGENT, SECRET = "payroll-agent", "agent-secret"
CLIENTS = (
    {"client_id": AGENT, "name": "Payroll agent", "secret": SECRET, "grant_types": [JWT_BEARER_GRANT_TYPE]},
    {
        "client_id": "other-agent",
        "name": "Other",
        "secret": SECRET,
        "redirect_uris": ["https://other.example/callback"],
    },
)
PROFILE = "urn:ietf:params:oauth:grant-profile:id-jag"


@pytest.fixture
async def issuer() -> AsyncIterator[TestIssuer]:
    async with running_issuer() as issuer:
        yield issuer


@pytest.fixture
async def site(sandbox: Sandbox, issuer: TestIssuer, port: ListeningPort, tmp_path: Path) -> AsyncIterator[Served]:
    letter(sandbox, ALICE, "Only for Alice")
    settings = {
        "client_id": sandbox.public_client_id,
        "tenant": CONTOSO.tid,
        "clients": CLIENTS,
        "assertion_issuers": (f"{sandbox.http_url}/{CONTOSO.tid}/v2.0", issuer.url),
        "oidc_issuer": issuer.url,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
    }
    async with in_one_task(opened(port, sandbox, tmp_path, **settings)) as site:
        yield site


def claims_of(site: Served, address: str = ALICE, **changes: Any) -> dict[str, Any]:
    """The claims of a valid assertion of Entra ID; None leaves one out."""
    user, now = user_of(site.sandbox, address), int(time.time())
    claims = {
        "iss": f"{site.sandbox.http_url}/{user.tid}/v2.0",
        "aud": site.public_url,
        "sub": "pairwise",
        "tid": user.tid,
        "oid": user.oid,
        "preferred_username": user.upn,
        "client_id": AGENT,
        "resource": site.mcp_url,
        "scope": "mail.read mail.write",
        "jti": str(uuid.uuid4()),
        "iat": now,
        "exp": now + 300,
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def assertion(site: Served, *, typ: str = "oauth-id-jag+jwt", keys: SigningKeys | None = None, **changes: Any) -> str:
    key = (keys or site.sandbox.entra.keys)._keys[-1]
    return jwt.encode(claims_of(site, **changes), key.private, "RS256", headers={"kid": key.kid, "typ": typ})


async def brought(site: Served, token: str, **fields: str) -> httpx.Response:
    """What the token endpoint answers to the assertion."""
    form = {"grant_type": JWT_BEARER_GRANT_TYPE, "assertion": token, "client_id": AGENT, "client_secret": SECRET}
    return await site.http.post("/token", data=form | fields)


async def granted_to_foreigner(site: Served, issuer: TestIssuer, **changes: Any) -> str:
    """The token of a user of the issuer that is not Entra ID."""
    claims = {"aud": site.public_url, "client_id": AGENT, "jti": str(uuid.uuid4()), "scope": "mail.read"} | changes
    answer = await brought(site, issuer.signed(issuer.claims(**claims), typ="oauth-id-jag+jwt"))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def granted(site: Served, **changes: Any) -> str:
    answer = await brought(site, assertion(site, **changes))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_official_client_brings_an_assertion_and_reads_mail(site: Served, mode: str) -> None:
    async def fetch(audience: str, resource: str) -> str:
        return assertion(site, aud=audience, resource=resource)

    sign_in = IdentityAssertionOAuthProvider(
        site.mcp_url, MemoryTokenStorage(), AGENT, SECRET, site.public_url, fetch, scope="mail.read"
    )
    async with (
        httpx2.AsyncClient(auth=sign_in, timeout=30, trust_env=False) as http,
        Client(streamable_http_client(site.mcp_url, http_client=http), mode=mode) as client,
    ):
        asked = str((await client.call_tool("mail_search", {})).content)
        assert "Done" in (await connects(link_in(asked), ALICE)).words
        assert "Only for Alice" in str((await client.call_tool("mail_search", {})).content)


async def test_the_token_has_the_scopes_asserted_and_asked_for_and_no_refresh_token(site: Served) -> None:
    whole = (await brought(site, assertion(site, scope="mail.read mail.write shoe.size"))).json()
    assert (whole["scope"], "refresh_token" in whole) == ("mail.read mail.write", False)
    part = (await brought(site, assertion(site), scope="mail.read mail.send")).json()
    assert part["scope"] == "mail.read"
    none = await brought(site, assertion(site), scope="mail.send")
    assert (none.status_code, none.json()["error"]) == (400, "invalid_scope")
    refused = await site.call(part["access_token"], "draft_save", subject="Lunch")
    assert refused.status_code == 403


@pytest.mark.parametrize("version", [LEGACY, MODERN])
async def test_the_user_is_offered_no_link_to_allow_more_than_was_asserted(site: Served, version: str) -> None:
    token = await granted(site, scope="mail.read")
    answer = await site.call(token, "draft_save", version, subject="Lunch")
    if version == MODERN:
        assert (answer.status_code, "insufficient_scope" in answer.headers["www-authenticate"]) == (403, True)
    else:
        assert "Ask the administrator of your organisation to grant the permission." in told(answer)
    assert "/connect" not in answer.text


async def test_an_assertion_works_once(site: Served) -> None:
    token = assertion(site)
    assert (await brought(site, token)).status_code == 200
    again = await brought(site, token)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


BAD: tuple[tuple[str, dict[str, Any]], ...] = (
    ("invalid_grant", {"aud": "https://other.example"}),
    ("invalid_grant", {"client_id": "other-agent"}),
    ("invalid_target", {"resource": "https://other.example/mcp"}),
    ("invalid_grant", {"typ": "JWT"}),
    ("invalid_grant", {"typ": "at+jwt"}),
    ("invalid_grant", {"exp": 1}),
    ("invalid_grant", {"jti": None}),
    ("invalid_grant", {"oid": None}),
    ("invalid_grant", {"tid": FABRIKAM.tid}),
    ("invalid_grant", {"iss": "https://evil.example"}),
    ("invalid_scope", {"scope": "shoe.size"}),
    ("invalid_grant", {"keys": SigningKeys()}),
    ("invalid_grant", {"address": "dave@fabrikam.example"}),
)


async def test_an_assertion_with_wrong_claims_or_key_is_refused(site: Served) -> None:
    for error, changes in BAD:
        answer = await brought(site, assertion(site, **changes))
        assert (answer.status_code, answer.json()["error"]) == (400, error), changes
    assert await site.site.sessions.sessions_of(key_of(site.sandbox, ALICE)) == ()


async def test_only_a_configured_client_that_authenticates_may_use_assertions(site: Served) -> None:
    wrong = await brought(site, assertion(site), client_secret="wrong")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    token = assertion(site, client_id="other-agent")
    other = await brought(site, token, client_id="other-agent")
    assert (other.status_code, other.json()["error"]) == (400, "unsupported_grant_type")
    self_registered = await registered(site.http)
    answer = await brought(site, assertion(site, client_id=self_registered), client_id=self_registered)
    assert "access_token" not in answer.json()
    grants = ["authorization_code", JWT_BEARER_GRANT_TYPE]
    metadata = {"redirect_uris": ["https://new.example/callback"], "grant_types": grants}
    assert (await site.http.post("/register", json=metadata)).status_code == 400


async def test_a_user_of_another_issuer_is_never_a_user_of_entra(site: Served, issuer: TestIssuer) -> None:
    alice = key_of(site.sandbox, ALICE)
    await connects(link_in(told(await site.call(await granted(site), "mail_search"))), ALICE)
    pretended = {"tid": alice.tid, "oid": alice.oid, "email": ALICE, "preferred_username": ALICE}
    asked = told(await site.call(await granted_to_foreigner(site, issuer, **pretended), "mail_search"))
    assert "Only for Alice" not in asked
    assert "/connect?ticket=" in asked
    foreign = [user for user in await site.site.components.vault.users() if user.tid.startswith("oidc-")]
    assert [user.oid for user in foreign] == [SUBJECT]


@pytest.mark.parametrize("version", [LEGACY, MODERN])
async def test_a_person_of_another_issuer_signs_in_there_and_links_a_mailbox(
    site: Served, issuer: TestIssuer, version: str
) -> None:
    token = await granted_to_foreigner(site, issuer)
    link = link_in(told(await site.call(token, "mail_search", version)))
    async with Person(ALICE) as person:
        page = await person.press(await person.open(link), "Sign in")
        assert "Connect your mailbox" in page.words
        assert not [url for url in person.went if site.sandbox.http_url in str(url)]
        assert "Done" in (await person.press(page, "Go on to Microsoft")).words
    assert "Only for Alice" in told(await site.call(token, "mail_search", version))


async def test_the_link_works_for_no_other_user_of_that_issuer_or_of_entra(site: Served, issuer: TestIssuer) -> None:
    link = link_in(told(await site.call(await granted_to_foreigner(site, issuer), "mail_search")))
    issuer.id_claims["sub"] = "U77"
    async with Person(ALICE) as colleague:
        page = await colleague.press(await colleague.open(link), "Sign in")
        assert (page.status, "belongs to somebody else" in page.words) == (403, True)
        page = await colleague.open(f"{site.public_url}/account")
        await colleague.press(page, "Sign out")
        await colleague.press(await colleague.open(f"{site.public_url}/account"), "Sign in at Microsoft")
        assert (await colleague.open(link)).status == 403
        del issuer.id_claims["sub"]
        page = await colleague.press(await colleague.open(link), "Sign in with another account")
        assert "Connect your mailbox" in page.words


async def test_users_of_either_issuer_can_sign_in_to_the_account_page(site: Served, issuer: TestIssuer) -> None:
    await granted_to_foreigner(site, issuer)
    for place, address in (("Microsoft", ALICE), ("127.0.0.1", "uma@corp.example")):
        async with Person(ALICE) as person:
            page = await person.press(await person.open(f"{site.public_url}/account"), f"Sign in at {place}")
        assert address in page.words
        assert ("Payroll agent" in page.words) is (place != "Microsoft")


async def test_a_user_of_another_issuer_chooses_a_microsoft_account_to_consent(
    site: Served, issuer: TestIssuer
) -> None:
    client = await registered(site.http)
    async with Person(ALICE) as person:
        await person.press(await person.open(f"{site.public_url}/account"), "Sign in at 127.0.0.1")
        page = await person.open(asks(site.public_url, client))
        assert "The Microsoft account you choose next" in page.words
        assert "uma@corp.example" not in page.words


async def test_the_link_of_an_asserted_user_connects_nothing_for_another_person(site: Served) -> None:
    link = link_in(told(await site.call(await granted(site), "mail_search")))
    async with Person(BOB) as other_person:
        page = await other_person.press(await other_person.open(link), "Sign in")
    assert page.status == 403
    assert await site.site.components.connections.connections_of(key_of(site.sandbox, ALICE)) == ()


async def test_the_user_sees_the_session_and_ends_it(site: Served) -> None:
    token = await granted(site)
    assert (await site.call(token, "mail_search")).status_code == 200
    async with Person(ALICE) as person:
        page = await person.open(f"{site.public_url}/account")
        page = await person.press(page, "Sign in at Microsoft")
        assert "Payroll agent" in page.words
        await person.press(page, "End access")
    assert await site.site.sessions.sessions_of(key_of(site.sandbox, ALICE)) == ()
    assert (await site.call(token, "mail_search")).status_code == 401


async def test_the_metadata_announce_assertions_where_they_are_accepted(site: Served) -> None:
    metadata = (await site.http.get("/.well-known/oauth-authorization-server")).json()
    assert JWT_BEARER_GRANT_TYPE in metadata["grant_types_supported"]
    assert metadata["authorization_grant_profiles_supported"] == [PROFILE]


async def test_a_server_without_assertion_issuers_accepts_no_assertions(
    sandbox: Sandbox, port: ListeningPort, tmp_path: Path
) -> None:
    settings = {"client_id": sandbox.public_client_id, "clients": CLIENTS}
    async with opened(port, sandbox, tmp_path, **settings) as site:
        metadata = (await site.http.get("/.well-known/oauth-authorization-server")).json()
        assert JWT_BEARER_GRANT_TYPE not in metadata["grant_types_supported"]
        assert "authorization_grant_profiles_supported" not in metadata
        answer = await brought(site, assertion(site))
        assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
