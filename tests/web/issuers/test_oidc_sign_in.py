"""Signing in at an organisation's own issuer identifies the person at the browser."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from outlook_mcp.errors import SignInRefused, SignInUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.security_service import OAuthSecurityService
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.web.issuers.issuer import Issuer
from outlook_mcp.web.issuers.oidc_sign_in import OidcIdentityProvider
from tests.oauth.components import returned
from tests.web.issuers.issuer import CLIENT_ID, CLIENT_SECRET, SUBJECT, TestIssuer

CALLBACK = "http://localhost:1/callback"


class Admission:
    """Admits only the user with the address `only`; everybody while it is None."""

    def __init__(self) -> None:
        self.only: str | None = None

    def __call__(self, user: UserKey, address: str) -> None:
        if self.only not in (None, address):
            raise SignInRefused("not here")


@pytest.fixture
def admission() -> Admission:
    return Admission()


@pytest.fixture
def provider(issuer: Issuer, tickets: Tickets, admission: Admission, tmp_path: Path) -> OidcIdentityProvider:
    security = OAuthSecurityService()
    secret = SecretStr(CLIENT_SECRET)
    return OidcIdentityProvider(issuer, tickets, security, client_id=CLIENT_ID, client_secret=secret, admit=admission)


async def came_back(provider: OidcIdentityProvider) -> dict[str, str]:
    return await returned((await provider.begin_sign_in(CALLBACK)).url)


@pytest.mark.parametrize("methods", [None, ["client_secret_basic"], ["client_secret_post", "private_key_jwt"]])
async def test_a_sign_in_identifies_the_person_at_the_browser(
    stand_in: TestIssuer, provider: OidcIdentityProvider, methods: list[str] | None
) -> None:
    stand_in.auth_methods = methods
    identity = await provider.finish(await came_back(provider))
    assert identity.user == UserKey(f"oidc-{hashlib.sha256(stand_in.url.encode()).hexdigest()[:16]}", SUBJECT)
    assert (identity.address, identity.display_name) == ("uma@corp.example", "Uma Unger")


async def test_the_browser_is_sent_with_pkce_and_nonce(provider: OidcIdentityProvider) -> None:
    begun = await provider.begin_sign_in(CALLBACK, login_hint="uma@corp.example")
    query = parse_qs(urlsplit(begun.url).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["state"] == [begun.state]
    assert query["login_hint"] == ["uma@corp.example"]
    assert len(query["nonce"][0]) >= 43
    assert query["scope"] == ["openid profile email"]


async def test_a_callback_works_once(provider: OidcIdentityProvider) -> None:
    callback = await came_back(provider)
    await provider.finish(callback)
    with pytest.raises(SignInRefused, match="finished before"):
        await provider.finish(callback)


async def test_a_callback_without_a_sign_in_is_refused(provider: OidcIdentityProvider) -> None:
    callback = await came_back(provider)
    for state in ("", "guess"):
        with pytest.raises(SignInRefused, match="unknown"):
            await provider.finish(callback | {"state": state})


async def test_the_answer_of_another_issuer_is_refused(stand_in: TestIssuer, provider: OidcIdentityProvider) -> None:
    with pytest.raises(SignInRefused, match="another issuer"):
        await provider.finish(await came_back(provider) | {"iss": "https://elsewhere.example"})
    without = await came_back(provider)
    del without["iss"]
    with pytest.raises(SignInRefused, match="another issuer"):
        await provider.finish(without)
    assert "/realm/token" not in stand_in.asked


async def test_an_issuer_need_not_name_itself(stand_in: TestIssuer, provider: OidcIdentityProvider) -> None:
    stand_in.names_itself = False
    assert (await provider.finish(await came_back(provider))).user.oid == SUBJECT


async def test_a_declined_sign_in_is_refused(provider: OidcIdentityProvider, stand_in: TestIssuer) -> None:
    begun = await provider.begin_sign_in(CALLBACK)
    answer = {"error": "access_denied", "error_description": "<b>no</b>", "state": begun.state, "iss": stand_in.url}
    with pytest.raises(SignInRefused) as caught:
        await provider.finish(answer)
    assert "<b>" not in str(caught.value)


async def test_a_code_of_another_sign_in_is_refused(provider: OidcIdentityProvider) -> None:
    stolen, own = await came_back(provider), await came_back(provider)
    with pytest.raises(SignInRefused):
        await provider.finish(own | {"code": stolen["code"]})


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": [CLIENT_ID, "another client"]},
        {"azp": "another client"},
        {"iss": "https://elsewhere.example"},
        {"sub": None},
        {"exp": 1_000_000},
    ],
)
async def test_a_wrong_id_token_is_refused(
    stand_in: TestIssuer, provider: OidcIdentityProvider, changes: dict[str, Any]
) -> None:
    stand_in.id_claims = changes
    with pytest.raises(SignInRefused, match="id token"):
        await provider.finish(await came_back(provider))


async def test_an_id_token_with_several_audiences_needs_our_client_id_as_azp(
    stand_in: TestIssuer, provider: OidcIdentityProvider
) -> None:
    stand_in.id_claims = {"aud": [CLIENT_ID, "another client"], "azp": CLIENT_ID}
    assert (await provider.finish(await came_back(provider))).user.oid == SUBJECT


async def test_a_user_who_is_not_admitted_is_refused(
    stand_in: TestIssuer, provider: OidcIdentityProvider, admission: Admission
) -> None:
    admission.only = "uma@corp.example"
    assert (await provider.finish(await came_back(provider))).address == admission.only
    stand_in.id_claims = {"email_verified": False}
    with pytest.raises(SignInRefused, match="not here"):
        await provider.finish(await came_back(provider))


async def test_an_issuer_that_cannot_be_reached_is_a_temporary_failure(
    stand_in: TestIssuer, provider: OidcIdentityProvider
) -> None:
    callback = await came_back(provider)
    stand_in.is_down = True
    with pytest.raises(SignInUnavailable):
        await provider.finish(callback)


async def test_an_issuer_that_cannot_be_reached_is_not_asked_again_at_once(
    stand_in: TestIssuer, provider: OidcIdentityProvider
) -> None:
    stand_in.is_down = True
    for _ in range(3):
        with pytest.raises(SignInUnavailable):
            await provider.begin_sign_in(CALLBACK)
    assert len(stand_in.asked) == 1


async def test_a_sign_in_begun_shows_no_secret(provider: OidcIdentityProvider) -> None:
    begun = await provider.begin_sign_in(CALLBACK)
    assert begun.state not in repr(begun)
