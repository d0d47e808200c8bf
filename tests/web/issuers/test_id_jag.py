"""Identity assertions of an enterprise: each works once, for one client, at this server, for a short time."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from mcp.server.auth.provider import TokenError
from mcp.shared.auth import OAuthClientInformationFull
from pydantic import AnyUrl

from outlook_mcp.errors import SignInUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.sandbox import SandboxOptions, run_sandbox
from outlook_mcp.sandbox.directory import CONTOSO
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.web.issuers.id_jag import IdentityAssertions
from outlook_mcp.web.issuers.issuer import Issuer
from outlook_mcp.web.settings import WebSettings
from tests.web.issuers.issuer import EC_KEY, STRANGE_KEY, SUBJECT, TestIssuer

CLIENT = OAuthClientInformationFull(
    client_id="f53f191f9311af35", client_secret="s", redirect_uris=[AnyUrl("https://app.example/cb")]
)
Claims = Callable[..., dict[str, Any]]


@pytest.fixture
def assertions(settings: WebSettings, issuer: Issuer, tickets: Tickets) -> IdentityAssertions:
    return IdentityAssertions(settings, [issuer], tickets)


@pytest.fixture
def claims(stand_in: TestIssuer, settings: WebSettings) -> Claims:
    def made(**changes: Any) -> dict[str, Any]:
        ours = {"aud": settings.issuer, "resource": settings.resource, "client_id": CLIENT.client_id}
        return stand_in.claims(**ours | {"jti": "9e43f81b", "scope": "mail.read mail.send other"} | changes)

    return made


def assertion(stand_in: TestIssuer, claims: dict[str, Any], **signing: Any) -> str:
    return stand_in.signed(claims, **{"typ": "oauth-id-jag+jwt"} | signing)


async def refused(assertions: IdentityAssertions, token: str, resource: str | None = None) -> str:
    with pytest.raises(TokenError) as caught:
        await assertions.accept(CLIENT, token, resource)
    return caught.value.error


async def test_a_good_assertion_grants_its_scopes_to_its_user(
    stand_in: TestIssuer, assertions: IdentityAssertions, claims: Claims, settings: WebSettings
) -> None:
    token = assertion(stand_in, claims(email="uma@corp.example", email_verified=True))
    user, account, scopes = await assertions.accept(CLIENT, token, settings.resource)
    assert user == UserKey(f"oidc-{hashlib.sha256(stand_in.url.encode()).hexdigest()[:16]}", SUBJECT)
    assert (account, scopes) == ("uma@corp.example", ("mail.read", "mail.send"))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://mail.example/"},
        {"aud": ["https://mail.example"]},
        {"resource": None},
        {"resource": ["https://mail.example/mcp", "https://other.example"]},
    ],
)
async def test_the_forms_of_the_draft_are_accepted(
    stand_in: TestIssuer, assertions: IdentityAssertions, claims: Claims, changes: dict[str, Any]
) -> None:
    await assertions.accept(CLIENT, assertion(stand_in, claims(**changes)), None)


async def test_the_company_vouches_for_the_address_unless_it_says_otherwise(
    stand_in: TestIssuer, assertions: IdentityAssertions, claims: Claims
) -> None:
    vouched = assertion(stand_in, claims(jti="1", email="uma@corp.example"))
    doubted = assertion(stand_in, claims(jti="2", email="uma@corp.example", email_verified=False))
    assert (await assertions.accept(CLIENT, vouched, None))[1] == "uma@corp.example"
    assert (await assertions.accept(CLIENT, doubted, None))[1] == ""


async def test_the_same_subject_of_two_tenants_is_two_people(
    stand_in: TestIssuer, assertions: IdentityAssertions, claims: Claims
) -> None:
    users = set()
    for tenant in ("north", "south", None):
        token = assertion(stand_in, claims(jti=f"of {tenant}", tenant=tenant))
        users.add((await assertions.accept(CLIENT, token, None))[0])
    assert len(users) == 3


async def test_an_assertion_without_a_scope_grants_the_default_one(
    stand_in: TestIssuer, assertions: IdentityAssertions, claims: Claims
) -> None:
    token = assertion(stand_in, claims(scope=None), key=EC_KEY, kid="e1", algorithm="ES256")
    assert (await assertions.accept(CLIENT, token, None))[2] == ("mail.read",)


async def test_of_simultaneous_uses_of_an_assertion_one_is_accepted(
    stand_in: TestIssuer, settings: WebSettings, issuer: Issuer, tickets: Tickets, claims: Claims
) -> None:
    token = assertion(stand_in, claims())
    replicas = [IdentityAssertions(settings, [issuer], tickets) for _ in range(5)]
    answers = await asyncio.gather(
        *(replica.accept(CLIENT, token, None) for replica in replicas), return_exceptions=True
    )
    assert sorted(isinstance(answer, TokenError) for answer in answers) == [False, True, True, True, True]
    again = assertion(stand_in, claims(exp_in=600))
    assert await refused(replicas[0], again) == "invalid_grant"
    await replicas[0].accept(CLIENT, assertion(stand_in, claims(jti="another")), None)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"iss": "https://elsewhere.example"}, "invalid_grant"),
        ({"iss": None}, "invalid_grant"),
        ({"aud": "https://elsewhere.example"}, "invalid_grant"),
        ({"aud": "https://mail.example/mcp"}, "invalid_grant"),
        ({"aud": ["https://mail.example", "https://elsewhere.example"]}, "invalid_grant"),
        ({"client_id": "another"}, "invalid_grant"),
        ({"client_id": None}, "invalid_grant"),
        ({"authorization_details": [{"type": "folder"}]}, "invalid_grant"),
        ({"cnf": {"jkt": "thumb"}}, "invalid_grant"),
        ({"sub": None}, "invalid_grant"),
        ({"jti": None}, "invalid_grant"),
        ({"jti": ""}, "invalid_grant"),
        ({"exp_in": -600}, "invalid_grant"),
        ({"exp": None}, "invalid_grant"),
        ({"exp_in": 7200}, "invalid_grant"),
        ({"nbf_in": 600}, "invalid_grant"),
        ({"resource": "https://elsewhere.example/mcp"}, "invalid_target"),
        ({"resource": [7]}, "invalid_target"),
        ({"resource": []}, "invalid_target"),
        ({"scope": "calendar"}, "invalid_scope"),
        ({"scope": ["mail.read"]}, "invalid_scope"),
    ],
)
async def test_a_wrong_assertion_is_refused_and_uses_nothing_up(
    stand_in: TestIssuer, assertions: IdentityAssertions, claims: Claims, changes: dict[str, Any], error: str
) -> None:
    assert await refused(assertions, assertion(stand_in, claims(**changes))) == error
    await assertions.accept(CLIENT, assertion(stand_in, claims()), None)


@pytest.mark.parametrize(
    "signing",
    [
        {"typ": "JWT"},
        {"typ": "at+jwt"},
        {"typ": None},
        {"key": STRANGE_KEY},
        {"kid": "unknown"},
        {"key": None, "algorithm": "none"},
    ],
)
async def test_another_kind_or_key_is_refused(
    stand_in: TestIssuer, assertions: IdentityAssertions, claims: Claims, signing: dict[str, Any]
) -> None:
    assert await refused(assertions, assertion(stand_in, claims(), **signing)) == "invalid_grant"


async def test_garbage_is_refused(assertions: IdentityAssertions) -> None:
    for garbage in ("", "x", "a.b.c", "x" * 20_000):
        assert await refused(assertions, garbage) == "invalid_grant"


async def test_an_assertion_is_verified_with_the_keys_of_its_own_issuer_only(
    stand_in: TestIssuer, settings: WebSettings, issuer: Issuer, tickets: Tickets, claims: Claims
) -> None:
    unreachable = Issuer.of_oidc("http://127.0.0.1:1/realm")
    assertions = IdentityAssertions(settings, [unreachable, issuer], tickets)
    await assertions.accept(CLIENT, assertion(stand_in, claims()), None)


async def test_another_resource_is_refused(
    stand_in: TestIssuer, assertions: IdentityAssertions, claims: Claims
) -> None:
    token = assertion(stand_in, claims())
    assert await refused(assertions, token, "https://elsewhere.example/mcp") == "invalid_target"


async def test_a_refusal_says_nothing_of_what_the_assertion_holds(
    stand_in: TestIssuer, assertions: IdentityAssertions, claims: Claims
) -> None:
    with pytest.raises(TokenError) as caught:
        await assertions.accept(CLIENT, assertion(stand_in, claims(client_id="hush-hush")), None)
    assert "hush-hush" not in str(caught.value.error_description)


async def test_an_issuer_that_cannot_be_reached_is_a_temporary_failure(
    stand_in: TestIssuer, assertions: IdentityAssertions, claims: Claims
) -> None:
    stand_in.is_down = True
    with pytest.raises(SignInUnavailable):
        await assertions.accept(CLIENT, assertion(stand_in, claims()), None)


async def test_entra_names_its_users_by_tenant_and_object(settings: WebSettings, tickets: Tickets) -> None:
    async with run_sandbox(SandboxOptions(seed=False)) as sandbox:
        issuer = Issuer.of_entra(f"{sandbox.http_url}/common")
        assertions = IdentityAssertions(settings, [issuer], tickets)
        alice = sandbox.users[0]
        entra = TestIssuer(f"{sandbox.http_url}/{CONTOSO.tid}/v2.0")
        claims = {
            "aud": settings.issuer,
            "tid": alice.tid,
            "oid": alice.oid,
            "preferred_username": alice.upn,
            "client_id": CLIENT.client_id,
            "jti": "one",
            "scope": "mail.read",
        }
        key = sandbox.entra.keys._keys[-1]
        signed = entra.signed(entra.claims(**claims), key=key.private, kid=key.kid, typ="oauth-id-jag+jwt")
        user, account, scopes = await assertions.accept(CLIENT, signed, None)
        assert (user, account, scopes) == (UserKey(alice.tid, alice.oid), alice.upn, ("mail.read",))
        await issuer.aclose()


async def test_an_assertion_grants_offered_scopes_alone(
    stand_in: TestIssuer, settings: WebSettings, issuer: Issuer, tickets: Tickets, claims: Claims
) -> None:
    reading = IdentityAssertions(replace(settings, scopes=("mail.read",)), [issuer], tickets)
    _, _, scopes = await reading.accept(CLIENT, assertion(stand_in, claims(scope="mail.send mail.read")), None)
    assert scopes == ("mail.read",)
    assert await refused(reading, assertion(stand_in, claims(jti="2", scope="mail.send"))) == "invalid_scope"
