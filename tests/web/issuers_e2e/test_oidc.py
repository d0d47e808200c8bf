"""Another issuer than Entra ID issues the tokens; each of its people links a mailbox of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from mcp.client.context import ClientRequestContext
from mcp.types import ElicitRequestParams, ElicitRequestURLParams, ElicitResult

from outlook_mcp.sandbox import Sandbox
from tests.one_task import in_one_task
from tests.web.issuers.issuer import CLIENT_ID, CLIENT_SECRET, SUBJECT, TestIssuer, running_issuer
from tests.web.issuers_e2e.entra import letter, link_in, told
from tests.web.issuers_e2e.opened_site import ListeningPort, bearer_client, opened
from tests.web.issuers_e2e.person_at_browser import Person, connects
from tests.web.pages.person import Shown
from tests.web.site.served import ALICE, BOB, LEGACY, MODERN, Served

OTHER_SUBJECT = "U77"


@pytest.fixture
async def issuer() -> AsyncIterator[TestIssuer]:
    async with running_issuer() as issuer:
        yield issuer


def settings_of(issuer: TestIssuer, sandbox: Sandbox) -> dict[str, Any]:
    return {
        "auth": "oidc",
        "oidc_issuer": issuer.url,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "client_id": sandbox.public_client_id,
    }


@pytest.fixture
async def site(sandbox: Sandbox, issuer: TestIssuer, port: ListeningPort, tmp_path: Path) -> AsyncIterator[Served]:
    letter(sandbox, ALICE, "Only for Alice")
    letter(sandbox, BOB, "Only for Bob")
    async with in_one_task(opened(port, sandbox, tmp_path, **settings_of(issuer, sandbox))) as site:
        yield site


def token_of(issuer: TestIssuer, site: Served, subject: str = SUBJECT, **changes: Any) -> str:
    """What a client of a person of the issuer presents."""
    claims = {"aud": site.mcp_url, "sub": subject, "client_id": "app", "scope": "mail.read"} | changes
    return issuer.signed(issuer.claims(**claims))


@dataclass
class Answering:
    """A client that can ask its user to open an address, who signs in at Microsoft as `hint`."""

    hint: str
    asked: list[str] = field(default_factory=list)
    browsers: list[asyncio.Task[Shown]] = field(default_factory=list)

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        assert isinstance(params, ElicitRequestURLParams)
        self.asked.append(params.url)
        self.browsers.append(asyncio.create_task(connects(params.url, self.hint)))
        return ElicitResult(action="accept")


@pytest.mark.parametrize("version", [LEGACY, MODERN])
async def test_the_first_call_answers_with_the_link_that_connects_a_mailbox(
    site: Served, issuer: TestIssuer, version: str
) -> None:
    token = token_of(issuer, site)
    asked = told(await site.call(token, "mail_search", version))
    assert "sign in, then call the tool again" in asked
    assert "Done" in (await connects(link_in(asked), ALICE)).words
    assert "Only for Alice" in told(await site.call(token, "mail_search", version))
    (user,) = [user for user in await site.site.components.vault.users() if user.tid.startswith("oidc-")]
    assert user.oid == SUBJECT
    (connection,) = await site.site.components.connections.connections_of(user)
    assert connection.address == ALICE


async def test_a_modern_client_that_can_ask_goes_on_with_the_call(site: Served, issuer: TestIssuer) -> None:
    person = Answering(ALICE)
    async with bearer_client(site, token_of(issuer, site), "auto", elicitation_callback=person) as client:
        answer = await client.call_tool("mail_search", {})
        assert "Only for Alice" in str(answer.content)
        await client.call_tool("mail_search", {})
    assert len(person.asked) == 1
    assert "Done" in (await person.browsers[0]).words


async def test_a_legacy_client_with_a_session_that_can_ask_goes_on_with_the_call(
    sandbox: Sandbox, issuer: TestIssuer, port: ListeningPort, tmp_path: Path
) -> None:
    letter(sandbox, ALICE, "Only for Alice")
    person = Answering(ALICE)
    settings = settings_of(issuer, sandbox) | {"stateless": False}
    async with opened(port, sandbox, tmp_path, **settings) as site:
        token = token_of(issuer, site)
        async with bearer_client(site, token, "legacy", elicitation_callback=person) as client:
            assert "Only for Alice" in str((await client.call_tool("mail_search", {})).content)
    assert "Done" in (await person.browsers[0]).words


async def test_the_browser_of_another_person_links_nothing(site: Served, issuer: TestIssuer) -> None:
    link = link_in(told(await site.call(token_of(issuer, site), "mail_search")))
    issuer.id_claims["sub"] = OTHER_SUBJECT
    async with Person(BOB) as other_person:
        page = await other_person.press(await other_person.open(link), "Sign in")
    assert page.status == 403
    assert "belongs to somebody else" in page.words
    components = site.site.components
    people = [user for user in await components.vault.users() if user.tid.startswith("oidc-")]
    # The caller is known by their own records in the audit log; nobody has a mailbox.
    assert [await components.connections.connections_of(user) for user in people] == [()]
    # The link still works for the caller.
    del issuer.id_claims["sub"]
    assert "Done" in (await connects(link, ALICE)).words


async def test_a_microsoft_account_alone_cannot_sign_in(site: Served, issuer: TestIssuer) -> None:
    """Every sign-in to our pages goes to the issuer of the tokens, none to Microsoft."""
    async with Person(ALICE) as person:
        await person.press(await person.open(f"{site.public_url}/account"), "Sign in")
    assert not [record for record in site.sandbox.log.records if "/authorize" in record.path]
    assert "/realm/token" in issuer.asked


async def test_a_second_person_never_sees_the_mailbox_of_the_first(site: Served, issuer: TestIssuer) -> None:
    first, second = token_of(issuer, site), token_of(issuer, site, OTHER_SUBJECT)
    await connects(link_in(told(await site.call(first, "mail_search"))), ALICE)
    for arguments in ({}, {"account": ALICE}):
        asked = told(await site.call(second, "mail_search", **arguments))
        assert "Only for Alice" not in asked
    issuer.id_claims["sub"] = OTHER_SUBJECT
    await connects(link_in(told(await site.call(second, "mail_search"))), BOB)
    found = told(await site.call(second, "mail_search"))
    assert "Only for Bob" in found
    assert "Only for Alice" not in found
    assert "Only for Alice" in told(await site.call(first, "mail_search"))


async def test_metadata_and_challenges_name_the_issuer_and_our_scopes_as_they_are(
    site: Served, issuer: TestIssuer
) -> None:
    metadata = (await site.http.get("/.well-known/oauth-protected-resource/mcp")).json()
    assert metadata["authorization_servers"] == [issuer.url]
    assert metadata["scopes_supported"] == ["mail.read", "mail.write", "mail.send"]
    assert 'scope="mail.read"' in (await site.http.post("/mcp")).headers["www-authenticate"]
    answer = await site.call(token_of(issuer, site), "draft_save", subject="Lunch")
    assert answer.status_code == 403
    assert 'scope="mail.read mail.write"' in answer.headers["www-authenticate"]
    for path in ("/authorize", "/token", "/register", "/consent"):
        assert (await site.http.get(path)).status_code == 404


async def test_tokens_with_wrong_claims_or_of_another_issuer_are_refused(site: Served, issuer: TestIssuer) -> None:
    for changes in ({"aud": "https://other.example"}, {"sub": "app"}, {"scope": None}, {"exp_in": -120}, {"iss": "x"}):
        answer = await site.call(token_of(issuer, site, **changes), "mail_search")
        assert answer.status_code == 401, changes
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    async with running_issuer() as another:
        assert (await site.call(token_of(another, site), "mail_search")).status_code == 401


async def test_the_account_page_names_the_mailbox_that_was_linked(site: Served, issuer: TestIssuer) -> None:
    await connects(link_in(told(await site.call(token_of(issuer, site), "mail_search"))), ALICE)
    async with Person(BOB) as person:
        page = await person.press(await person.open(f"{site.public_url}/account"), "Sign in")
        assert ALICE in page.words
        page = await person.press(page, "Connect another mailbox")
    assert BOB in page.words
    found = told(await site.call(token_of(issuer, site), "mail_search", account=BOB))
    assert "Only for Bob" in found


async def test_another_name_for_our_resource_is_accepted_when_configured(
    sandbox: Sandbox, issuer: TestIssuer, port: ListeningPort, tmp_path: Path
) -> None:
    settings = settings_of(issuer, sandbox) | {"audience": "outlook"}
    async with opened(port, sandbox, tmp_path, **settings) as site:
        named = await site.call(token_of(issuer, site, aud="outlook"), "mail_search")
        assert "/connect?ticket=" in told(named)
        assert (await site.call(token_of(issuer, site), "mail_search")).status_code == 401


async def test_an_unavailable_issuer_signs_nobody_out(site: Served, issuer: TestIssuer) -> None:
    token = token_of(issuer, site)
    issuer.is_down = True
    answer = await site.call(token, "mail_search")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize("version", [LEGACY, MODERN])
async def test_a_token_with_more_scopes_asks_to_connect_the_mailbox_with_more_permissions(
    site: Served, issuer: TestIssuer, version: str
) -> None:
    await connects(link_in(told(await site.call(token_of(issuer, site), "mail_search"))), ALICE)
    wide = token_of(issuer, site, scope="mail.read mail.write")
    asked = told(await site.call(wide, "draft_save", version, subject="Lunch"))
    assert "Done" in (await connects(link_in(asked), ALICE)).words
    assert "Lunch" in told(await site.call(wide, "draft_save", version, subject="Lunch"))
    assert "Only for Alice" in told(await site.call(wide, "mail_search", version))


async def test_another_mailbox_is_connected_with_the_permissions_of_the_first(site: Served, issuer: TestIssuer) -> None:
    wide = token_of(issuer, site, scope="mail.read mail.write")
    await connects(link_in(told(await site.call(wide, "mail_search"))), ALICE)
    async with Person(BOB) as person:
        page = await person.press(await person.open(f"{site.public_url}/account"), "Sign in")
        await person.press(page, "Connect another mailbox")
    assert "Lunch" in told(await site.call(wide, "draft_save", subject="Lunch", account=BOB))
