"""Tokens of Entra ID that are refused, and what Entra ID asks of a user before a token is exchanged."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import CONTOSO, FABRIKAM, App
from outlook_mcp.sandbox.entra.keys import SigningKeys
from tests.one_task import in_one_task
from tests.people import key_of, user_of
from tests.web.issuers_e2e.entra import (
    answer_for,
    consented,
    letter,
    link_in,
    registered,
    token_for,
    told,
)
from tests.web.issuers_e2e.opened_site import ListeningPort, listening_port, opened
from tests.web.issuers_e2e.person_at_browser import Person, connects
from tests.web.site.served import ALICE, BOB, LEGACY, MODERN, Served

SECRET = SecretStr("server-secret")
DAVE = "dave@fabrikam.example"


@pytest.fixture
def app(sandbox: Sandbox, port: ListeningPort) -> App:
    app = registered(sandbox, port, secret=SECRET)
    consented(sandbox, app, ALICE, BOB, DAVE)
    return app


def settings_of(app: App, **settings: Any) -> dict[str, Any]:
    given = {"auth": "entra", "client_id": app.client_id, "client_secret": SECRET, "tenant": CONTOSO.tid}
    return given | settings


@pytest.fixture
async def site(sandbox: Sandbox, port: ListeningPort, app: App, tmp_path: Path) -> AsyncIterator[Served]:
    async with in_one_task(opened(port, sandbox, tmp_path, **settings_of(app))) as site:
        yield site


def claims_for(sandbox: Sandbox, app: App, **changes: Any) -> dict[str, Any]:
    """The claims of a valid token of Alice; None leaves one out."""
    alice, now = user_of(sandbox, ALICE), int(time.time())
    claims = {
        "aud": app.client_id,
        "iss": f"{sandbox.http_url}/{alice.tid}/v2.0",
        "iat": now,
        "nbf": now,
        "exp": now + 600,
        "azp": sandbox.public_client_id,
        "oid": alice.oid,
        "tid": alice.tid,
        "sub": "pairwise",
        "scp": "mail.read",
        "ver": "2.0",
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


async def refused(site: Served, token: str) -> None:
    answer = await site.call(token, "mail_folders")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_a_token_for_another_app_is_refused(site: Served, port: ListeningPort) -> None:
    other = registered(site.sandbox, port, secret=SECRET)
    await refused(site, await token_for(site.sandbox, other, ALICE))


async def test_a_token_for_graph_is_refused(site: Served) -> None:
    order = {"user": ALICE, "scopes": ["Mail.Read"]}
    async with httpx.AsyncClient(trust_env=False) as http:
        made = await http.post(f"{site.sandbox.http_url}/_sandbox/token", json=order)
    await refused(site, made.json()["access_token"])


async def test_an_id_token_is_refused(site: Served, app: App) -> None:
    answer = await answer_for(site.sandbox, ALICE, f"openid profile api://{app.client_id}/mail.read")
    await refused(site, answer["id_token"])


NOT_OF_A_USER_HERE: tuple[dict[str, Any], ...] = (
    {"scp": None, "roles": ["Mail.Read"], "idtyp": "app"},
    {"scp": None, "idtyp": "app", "oid": None},
    {"exp": 1},
    {"tid": FABRIKAM.tid},
    {"oid": None},
    {"ver": "1.0"},
    {"aud": "https://graph.microsoft.com"},
    {"aud": "00000003-0000-0000-c000-000000000000"},
)


async def test_a_token_that_is_expired_or_for_no_user_of_this_tenant_and_api_is_refused(site: Served, app: App) -> None:
    for changes in NOT_OF_A_USER_HERE:
        await refused(site, site.sandbox.entra.keys.sign(claims_for(site.sandbox, app, **changes)))
    good = site.sandbox.entra.keys.sign(claims_for(site.sandbox, app))
    assert (await site.call(good, "mail_folders")).status_code == 200


async def test_a_token_signed_with_another_key_is_refused(site: Served, app: App) -> None:
    await refused(site, SigningKeys().sign(claims_for(site.sandbox, app)))


async def test_a_server_for_one_tenant_refuses_users_of_another(site: Served, app: App) -> None:
    await refused(site, await token_for(site.sandbox, app, DAVE))


async def test_of_all_tenants_only_the_allowed_ones_are_admitted(
    sandbox: Sandbox, port: ListeningPort, app: App, tmp_path: Path
) -> None:
    settings = settings_of(app, tenant="organizations", allowed_tenants=(CONTOSO.tid,))
    async with opened(port, sandbox, tmp_path, **settings) as site:
        await refused(site, await token_for(sandbox, app, DAVE))
        assert "Inbox" in told(await site.call(await token_for(sandbox, app, ALICE), "mail_folders"))


@pytest.mark.parametrize("version", [LEGACY, MODERN])
async def test_a_policy_that_a_browser_can_satisfy_comes_as_a_link(site: Served, app: App, version: str) -> None:
    letter(site.sandbox, ALICE, "Only for Alice")
    token = await token_for(site.sandbox, app, ALICE)
    site.sandbox.directory.require(user_of(site.sandbox, ALICE), 50076)
    asked = told(await site.call(token, "mail_search", version))
    assert "multi-factor" in asked
    assert "Only for Alice" not in asked
    assert "Done" in (await connects(link_in(asked), ALICE)).words
    assert "Only for Alice" in told(await site.call(token, "mail_search", version))


async def test_the_sign_in_behind_the_link_is_for_the_policy(site: Served, app: App) -> None:
    """Without its claims Microsoft might ask for no more than it did before."""
    token = await token_for(site.sandbox, app, ALICE)
    site.sandbox.directory.require(user_of(site.sandbox, ALICE), 50076)
    link = link_in(told(await site.call(token, "mail_search")))
    async with Person(ALICE) as person:
        page = await person.press(await person.open(link), "Sign in")
        assert "Done" in (await person.press(page, "Go on to Microsoft")).words
        asked = [json.loads(url.params["claims"]) for url in person.went if "claims" in url.params]
    to_know_them, to_connect = (challenge["access_token"] for challenge in asked)
    assert "capolids" not in to_know_them
    assert to_connect["capolids"]["essential"]
    assert to_connect["xms_cc"]["values"] == ["cp1"]


async def test_a_policy_satisfied_at_one_replica_is_satisfied_at_the_others(
    site: Served, app: App, tmp_path: Path
) -> None:
    letter(site.sandbox, ALICE, "Only for Alice")
    token = await token_for(site.sandbox, app, ALICE)
    settings = settings_of(app, public_url=site.public_url)
    with listening_port() as other:
        async with opened(other, site.sandbox, tmp_path, **settings) as replica:
            site.sandbox.directory.require(user_of(site.sandbox, ALICE), 50076)
            link = link_in(told(await replica.call(token, "mail_search")))
            assert "Done" in (await connects(link, ALICE)).words
            assert "Only for Alice" in told(await replica.call(token, "mail_search"))


async def test_a_policy_that_blocks_the_app_needs_an_administrator(site: Served, app: App) -> None:
    token = await token_for(site.sandbox, app, ALICE)
    site.sandbox.directory.require(user_of(site.sandbox, ALICE), 53003)
    asked = told(await site.call(token, "mail_search"))
    assert "Ask the administrator of your organisation: allow the app in Conditional Access" in asked
    assert "/connect" not in asked


async def test_a_missing_consent_is_given_behind_the_link(site: Served, app: App) -> None:
    letter(site.sandbox, BOB, "Only for Bob")
    site.sandbox.directory.withdraw_consent(app, user_of(site.sandbox, BOB))
    token = await token_for(site.sandbox, app, BOB)
    asked = told(await site.call(token, "mail_search"))
    assert "not accepted yet" in asked
    async with Person(BOB) as person:
        page = await person.press(await person.open(link_in(asked)), "Sign in")
        page = await person.press(page, "Accept")
        page = await person.press(page, "Go on to Microsoft")
        page = await person.press(page, "Accept")
    assert "Done" in page.words
    assert "Only for Bob" in told(await site.call(token, "mail_search"))


async def test_the_link_of_one_caller_connects_nothing_for_another_person(site: Served, app: App) -> None:
    site.sandbox.directory.withdraw_consent(app, user_of(site.sandbox, BOB))
    link = link_in(told(await site.call(await token_for(site.sandbox, app, BOB), "mail_search")))
    async with Person(ALICE) as person:
        page = await person.press(await person.open(link), "Sign in")
    assert page.status == 403
    assert "belongs to somebody else" in page.words
    for address in (ALICE, BOB):
        assert await site.site.components.connections.connections_of(key_of(site.sandbox, address)) == ()
