"""Access tokens that Entra ID issues for this server, from the sandbox's Entra ID over HTTP."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from outlook_mcp.errors import SignInRefused
from outlook_mcp.identity.user import UserKey
from outlook_mcp.sandbox import Sandbox, SandboxOptions, run_sandbox
from outlook_mcp.sandbox.directory import CONSUMERS, CONTOSO, FABRIKAM
from outlook_mcp.web.issuers.external_tokens import ExternalTokenVerifier, entra_audiences
from outlook_mcp.web.issuers.issuer import Issuer
from outlook_mcp.web.settings import WebSettings
from tests.sandbox.entra.app import RegisteredApp

ALICE, DAVE, FRIDA = "alice@contoso.example", "dave@fabrikam.example", "frida.falk@freemail.example"


class Office:
    """Our app registration, which exposes our scopes, and a client that signs people in for them."""

    def __init__(self, sandbox: Sandbox, http: httpx.AsyncClient, api: RegisteredApp) -> None:
        self.sandbox = sandbox
        self.api = api
        self.client = RegisteredApp(http, sandbox.public_client_id)

    async def token(self, user: str, scopes: str = "mail.read") -> str:
        asked = " ".join(f"api://{self.api.client_id}/{scope}" for scope in scopes.split())
        return str((await self.client.sign_in(user, scope=f"openid {asked}"))["access_token"])

    def signed(self, **changes: Any) -> str:
        """A token that Entra ID itself signs, with these claims."""
        alice, now = self.sandbox.users[0], int(time.time())
        claims = {
            "iss": f"{self.sandbox.http_url}/{CONTOSO.tid}/v2.0",
            "aud": self.api.client_id,
            "sub": "pairwise",
            "tid": alice.tid,
            "oid": alice.oid,
            "azp": self.client.client_id,
            "scp": "mail.read",
            "ver": "2.0",
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
        } | changes
        return self.sandbox.entra.keys.sign({name: value for name, value in claims.items() if value is not None})


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with (
        run_sandbox(SandboxOptions(seed=False, control=True)) as sandbox,
        httpx.AsyncClient(base_url=sandbox.http_url, trust_env=False) as http,
    ):
        order = {
            "name": "outlook-mcp",
            "redirect_uris": ["https://mail.example/callback"],
            "secret": True,
            "exposes": ["mail.read", "mail.write", "mail.send"],
        }
        made = (await http.post("/_sandbox/apps", json=order)).json()
        api = RegisteredApp(http, made["client_id"], secret=made["client_secret"])
        api.redirect_uri = "https://mail.example/callback"
        yield Office(sandbox, http, api)


class TenantVerifier:
    """The verifier for one name of a tenant; `denied` are the tenants that it refuses."""

    def __init__(self, office: Office, settings: WebSettings, tenant: str) -> None:
        self.denied: set[str] = set()
        self.issuer = Issuer.of_entra(f"{office.sandbox.http_url}/{tenant}")
        self._verifier = ExternalTokenVerifier(
            self.issuer, resource=settings.resource, audiences=entra_audiences(office.api.client_id), admit=self._admit
        )
        self.verify = self._verifier.verify

    def _admit(self, user: UserKey, address: str) -> None:
        if user.tid in self.denied:
            raise SignInRefused("not here")


@pytest.fixture(params=["common", CONTOSO.tid, "contoso.example"])
async def verifier(
    request: pytest.FixtureRequest, office: Office, settings: WebSettings
) -> AsyncIterator[TenantVerifier]:
    verifier = TenantVerifier(office, settings, request.param)
    yield verifier
    await verifier.issuer.aclose()


@pytest.fixture
async def common(office: Office, settings: WebSettings) -> AsyncIterator[TenantVerifier]:
    verifier = TenantVerifier(office, settings, "common")
    yield verifier
    await verifier.issuer.aclose()


async def test_a_token_for_our_api_names_user_client_and_scopes(office: Office, verifier: TenantVerifier) -> None:
    token = await verifier.verify(await office.token(ALICE, "mail.read mail.send"))
    alice = office.sandbox.users[0]
    assert token is not None
    assert token.session.user == UserKey(alice.tid, alice.oid)
    assert token.subject == f"{alice.tid}:{alice.oid}"
    assert (token.client_id, token.session.scopes) == (office.client.client_id, ("mail.read", "mail.send"))
    assert (token.resource, token.session.account) == ("https://mail.example/mcp", ALICE)
    assert token.claims == {"iss": f"{office.sandbox.http_url}/{CONTOSO.tid}/v2.0"}


async def test_both_names_of_the_audience_are_ours(office: Office, common: TenantVerifier) -> None:
    for audience in entra_audiences(office.api.client_id):
        assert await common.verify(office.signed(aud=audience)) is not None


async def test_a_server_for_one_tenant_refuses_tokens_of_others(office: Office, settings: WebSettings) -> None:
    verifier = TenantVerifier(office, settings, CONTOSO.tid)
    assert await verifier.verify(await office.token(DAVE)) is None
    assert await verifier.verify(await office.token(FRIDA)) is None
    assert await verifier.verify(office.signed(tid=FABRIKAM.tid)) is None
    await verifier.issuer.aclose()


async def test_with_the_common_tenant_every_tenant_is_accepted_unless_it_is_denied(
    office: Office, common: TenantVerifier
) -> None:
    for user, tenant in ((DAVE, FABRIKAM), (FRIDA, CONSUMERS)):
        token = await office.token(user)
        common.denied = {tenant.tid}
        assert await common.verify(token) is None
        common.denied = set()
        admitted = await common.verify(token)
        assert admitted is not None
        assert admitted.session.user is not None
        assert admitted.session.user.tid == tenant.tid


async def test_a_token_signed_with_a_new_key_is_accepted(office: Office, common: TenantVerifier) -> None:
    assert await common.verify(office.signed()) is not None
    common.issuer._keys._clock = lambda: float("inf")
    office.sandbox.entra.keys.roll()
    assert await common.verify(office.signed()) is not None


async def test_a_graph_token_passed_through_is_refused(office: Office, common: TenantVerifier) -> None:
    answer = await office.client.sign_in(ALICE)
    assert await common.verify(answer["access_token"]) is None
    personal = await office.client.sign_in(FRIDA)
    assert await common.verify(personal["access_token"]) is None


async def test_an_id_token_is_no_access_token(office: Office, common: TenantVerifier) -> None:
    app = office.sandbox.directory.app(office.api.client_id)
    assert app is not None
    office.sandbox.directory.consent(app, office.sandbox.users[0], ["openid", "profile"])
    for nonce in ("the-nonce", None):
        code = await office.api.code(ALICE, scope="openid profile", nonce=nonce)
        id_token = (await office.api.redeem(code)).json()["id_token"]
        assert await common.verify(id_token) is None


async def test_a_token_for_another_api_is_refused(office: Office, common: TenantVerifier) -> None:
    other = office.sandbox.confidential_client_id
    answer = await office.client.sign_in(ALICE, scope=f"api://{other}/access_as_user")
    assert await common.verify(answer["access_token"]) is None


WRONG: dict[str, dict[str, Any]] = {
    "an app for itself": {"scp": None, "roles": ["mail.read"], "idtyp": "app"},
    "no scope": {"scp": None},
    "an app that claims a scope": {"idtyp": "app"},
    "an id token by its nonce": {"nonce": "n"},
    "version 1": {"ver": "1.0"},
    "the issuer of version 1": {"iss": f"https://sts.windows.net/{CONTOSO.tid}/"},
    "another tenant than its issuer": {"tid": FABRIKAM.tid},
    "a tenant that is none": {"tid": "{tenantid}"},
    "no tenant": {"tid": None},
    "a list of tenants": {"tid": ["x"]},
    "no object id": {"oid": None},
    "an object id that is none": {"oid": "me"},
    "no subject": {"sub": None},
    "no client": {"azp": None},
    "for Graph": {"aud": "https://graph.microsoft.com"},
    "for another API": {"aud": "api://other"},
    "expired": {"exp": 1_000_000},
    "not yet valid": {"nbf": 9_999_999_999},
    "bound to a key": {"cnf": {"kid": "k"}},
}


async def test_a_token_with_wrong_claims_is_refused(office: Office, common: TenantVerifier) -> None:
    assert await common.verify(office.signed()) is not None
    accepted = [name for name, changes in WRONG.items() if await common.verify(office.signed(**changes)) is not None]
    assert accepted == []
