"""Access tokens of any OpenID Connect issuer: only a valid one of a user for this server is accepted."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from outlook_mcp.errors import SignInRefused, SignInUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.web.issuers.external_tokens import ExternalTokenVerifier
from outlook_mcp.web.issuers.issuer import Issuer
from outlook_mcp.web.settings import WebSettings
from outlook_mcp.web.verified_tokens import VerifiedTokens
from tests.web.issuers.issuer import EC_KEY, RSA_KEY, STRANGE_KEY, SUBJECT, TestIssuer, public_jwk


def admit_all(user: UserKey, address: str) -> None:
    """Every user may use the server."""


@pytest.fixture
def verifier(issuer: Issuer, settings: WebSettings) -> ExternalTokenVerifier:
    return ExternalTokenVerifier(issuer, resource=settings.resource, audiences=(settings.resource,), admit=admit_all)


def good(stand_in: TestIssuer, settings: WebSettings, **changes: Any) -> dict[str, Any]:
    claims = {"aud": settings.resource, "client_id": "client-7", "scope": "mail.read mail.send other"}
    return stand_in.claims(**claims | changes)


async def test_a_valid_token_names_user_client_and_scopes(
    stand_in: TestIssuer, verifier: ExternalTokenVerifier, settings: WebSettings
) -> None:
    claims = good(stand_in, settings, email="uma@corp.example", email_verified=True)
    token = await verifier.verify(stand_in.signed(claims))
    assert token is not None
    digest = hashlib.sha256(stand_in.url.encode()).hexdigest()[:16]
    assert token.session.user == UserKey(f"oidc-{digest}", SUBJECT)
    assert token.subject == f"oidc-{digest}:{SUBJECT}"
    assert (token.client_id, token.resource) == ("client-7", settings.resource)
    assert token.scopes == ["mail.read", "mail.send"]
    assert token.claims == {"iss": stand_in.url}
    assert token.expires_at == claims["exp"]
    assert (token.session.transport, token.session.account) == ("http", "uma@corp.example")
    assert token.session.scopes == ("mail.read", "mail.send")


@pytest.mark.parametrize(
    ("changes", "signing"),
    [
        ({"scope": None, "scp": ["mail.read"]}, {"typ": "JWT"}),
        ({"scope": ["mail.read"]}, {"typ": None}),
        ({"client_id": None, "azp": "client-7"}, {"typ": "application/AT+jwt"}),
        ({"aud": ["https://other.example", "https://mail.example/mcp"]}, {}),
        ({}, {"key": EC_KEY, "kid": "e1", "algorithm": "ES256"}),
        ({}, {"algorithm": "PS256"}),
        ({"exp_in": -20}, {}),
        ({"nbf_in": 30, "iat_in": 30}, {}),
    ],
)
async def test_the_forms_that_issuers_use_are_accepted(
    stand_in: TestIssuer,
    verifier: ExternalTokenVerifier,
    settings: WebSettings,
    changes: dict[str, Any],
    signing: dict[str, Any],
) -> None:
    assert await verifier.verify(stand_in.signed(good(stand_in, settings, **changes), **signing)) is not None


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"iss": "https://elsewhere.example"}, id="another issuer"),
        pytest.param({"iss": None}, id="no issuer"),
        pytest.param({"aud": "https://elsewhere.example/mcp"}, id="another audience"),
        pytest.param({"aud": "https://mail.example/mcp/more"}, id="a longer audience"),
        pytest.param({"aud": None}, id="no audience"),
        pytest.param({"exp_in": -600}, id="expired"),
        pytest.param({"exp": None}, id="no end"),
        pytest.param({"exp": float("inf")}, id="an infinite end"),
        pytest.param({"exp": "9999999999"}, id="an end in words"),
        pytest.param({"iat": None}, id="no beginning"),
        pytest.param({"iat": -1e30}, id="an endless past"),
        pytest.param({"nbf_in": 600}, id="not yet valid"),
        pytest.param({"iat_in": 600}, id="issued in the future"),
        pytest.param({"sub": None}, id="no subject"),
        pytest.param({"sub": ""}, id="an empty subject"),
        pytest.param({"sub": 7}, id="a subject that is no text"),
        pytest.param({"sub": "a b"}, id="a subject with a space"),
        pytest.param({"sub": "x" * 256}, id="an endless subject"),
        pytest.param({"sub": "client-7"}, id="an app for itself"),
        pytest.param({"sub": "client-7@clients"}, id="an app for itself, as Auth0 writes it"),
        pytest.param({"client_id": None}, id="no client"),
        pytest.param({"scope": None}, id="no scope"),
        pytest.param({"nonce": "n"}, id="an id token by its nonce"),
        pytest.param({"at_hash": "h"}, id="an id token by its hash"),
        pytest.param({"typ": "ID"}, id="an id token of Keycloak"),
        pytest.param({"typ": "Refresh"}, id="a refresh token of Keycloak"),
        pytest.param({"cnf": {"jkt": "thumb"}}, id="bound to the client's key"),
    ],
)
async def test_a_token_with_wrong_claims_is_refused(
    stand_in: TestIssuer, verifier: ExternalTokenVerifier, settings: WebSettings, changes: dict[str, Any]
) -> None:
    payload = json.dumps(good(stand_in, settings, **changes)).encode()
    token = jwt.api_jws.encode(payload, RSA_KEY, "RS256", headers={"kid": "r1", "typ": "at+jwt"})
    assert await verifier.verify(token) is None


@pytest.mark.parametrize(
    "signing",
    [
        pytest.param({"typ": "oauth-id-jag+jwt"}, id="an identity assertion"),
        pytest.param({"typ": "logout+jwt"}, id="a logout token"),
        pytest.param({"kid": "unknown"}, id="an unknown key"),
        pytest.param({"kid": None}, id="no key id"),
        pytest.param({"key": STRANGE_KEY}, id="another key under a known id"),
        pytest.param({"kid": "e1"}, id="the wrong known key"),
        pytest.param({"key": None, "algorithm": "none"}, id="unsigned"),
        pytest.param({"jwk": public_jwk(STRANGE_KEY, "r1"), "key": STRANGE_KEY}, id="its own key in the header"),
        pytest.param({"jku": "http://127.0.0.1:9/keys", "key": STRANGE_KEY}, id="an address of keys in the header"),
        pytest.param({"crit": ["x"], "x": 1}, id="an unknown critical header"),
    ],
)
async def test_a_token_with_a_wrong_signature_is_refused(
    stand_in: TestIssuer, verifier: ExternalTokenVerifier, settings: WebSettings, signing: dict[str, Any]
) -> None:
    assert await verifier.verify(stand_in.signed(good(stand_in, settings), **signing)) is None


@pytest.mark.parametrize("form", [PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1])
async def test_the_public_key_is_no_shared_secret(
    stand_in: TestIssuer, verifier: ExternalTokenVerifier, settings: WebSettings, form: PublicFormat
) -> None:
    """The confusion of algorithms: HS256 with the published key as its secret."""

    def segment(raw: bytes) -> bytes:
        return base64.urlsafe_b64encode(raw).rstrip(b"=")

    header = {"alg": "HS256", "kid": "r1", "typ": "at+jwt"}
    signed = segment(json.dumps(header).encode()) + b"." + segment(json.dumps(good(stand_in, settings)).encode())
    secret = RSA_KEY.public_key().public_bytes(Encoding.PEM, form)
    token = signed + b"." + segment(hmac.digest(secret, signed, "sha256"))
    assert await verifier.verify(token.decode()) is None
    assert stand_in.asked == []


@pytest.mark.parametrize(
    "garbage",
    ["", "x", "a.b.c", "..", "é.é.é", "\ud800", "x" * 20_000, "eyJhbGciOltdLCJraWQiOiJyMSJ9.e30.x"],
)
async def test_garbage_is_refused(verifier: ExternalTokenVerifier, garbage: str, stand_in: TestIssuer) -> None:
    assert await verifier.verify(garbage) is None
    assert stand_in.asked == []


async def test_a_deeply_nested_token_is_refused(verifier: ExternalTokenVerifier) -> None:
    header = base64.urlsafe_b64encode(b'{"a":' + b"[" * 6000).rstrip(b"=").decode()
    assert await verifier.verify(f"{header}.e30.x") is None


async def test_a_token_may_have_no_scope_of_ours(
    stand_in: TestIssuer, verifier: ExternalTokenVerifier, settings: WebSettings
) -> None:
    token = await verifier.verify(stand_in.signed(good(stand_in, settings, scope="calendar")))
    assert token is not None
    assert token.session.scopes == ()
    assert not token.session.allows("mail.read")


async def test_an_address_that_nobody_verified_is_not_shown_for_admission(
    stand_in: TestIssuer, issuer: Issuer, settings: WebSettings
) -> None:
    seen: list[str] = []

    def admit(user: UserKey, address: str) -> None:
        seen.append(address)
        if address != "uma@corp.example":
            raise SignInRefused("not here")

    verifier = ExternalTokenVerifier(issuer, resource="r", audiences=(settings.resource,), admit=admit)
    unverified = good(stand_in, settings, email="uma@corp.example")
    assert await verifier.verify(stand_in.signed(unverified)) is None
    assert await verifier.verify(stand_in.signed(unverified | {"email_verified": True})) is not None
    assert seen == ["", "uma@corp.example"]


async def test_tokens_of_one_user_and_client_share_a_session(
    stand_in: TestIssuer, verifier: ExternalTokenVerifier, settings: WebSettings
) -> None:
    async def session_id(**changes: Any) -> str:
        token = await verifier.verify(stand_in.signed(good(stand_in, settings, **changes)))
        assert token is not None
        return token.session.id

    first = await session_id()
    assert await session_id(jti="another token", scope="mail.read") == first
    assert len({first, await session_id(sub="another"), await session_id(client_id="another")}) == 3


async def test_a_verified_token_is_cached_for_five_seconds_and_never_longer_than_it_is_valid(
    stand_in: TestIssuer, issuer: Issuer, settings: WebSettings
) -> None:
    clock, ahead_s = [100.0], [0.0]
    verified = VerifiedTokens(lambda: clock[0])
    verifier = ExternalTokenVerifier(
        issuer,
        resource="r",
        audiences=(settings.resource,),
        admit=admit_all,
        verified=verified,
        clock=lambda: time.time() + ahead_s[0],
    )
    token = stand_in.signed(good(stand_in, settings))
    first = await verifier.verify(token)
    assert await verifier.verify(token) is first
    clock[0] += 5.1
    again = await verifier.verify(token)
    assert again is not first
    assert await verifier.verify(token) is again
    ahead_s[0] = 3600
    assert await verifier.verify(token) is not again


async def test_an_issuer_that_cannot_be_reached_is_a_temporary_failure(
    stand_in: TestIssuer, verifier: ExternalTokenVerifier, settings: WebSettings
) -> None:
    stand_in.is_down = True
    for _ in range(3):
        with pytest.raises(SignInUnavailable):
            await verifier.verify(stand_in.signed(good(stand_in, settings)))
    assert len(stand_in.asked) == 1


async def test_a_discovery_document_that_names_another_issuer_is_refused(
    stand_in: TestIssuer, verifier: ExternalTokenVerifier, settings: WebSettings
) -> None:
    stand_in.described_as = "https://elsewhere.example"
    with pytest.raises(SignInUnavailable):
        await verifier.verify(stand_in.signed(good(stand_in, settings)))


async def test_short_and_symmetric_keys_are_not_used(
    stand_in: TestIssuer, verifier: ExternalTokenVerifier, settings: WebSettings
) -> None:
    small = generate_private_key(public_exponent=65537, key_size=1024)
    secret = {"kty": "oct", "kid": "o1", "k": "c2VjcmV0"}
    other = public_jwk(STRANGE_KEY, "n1", use="enc")
    stand_in.keys = [public_jwk(RSA_KEY, "r1", alg="RS256"), public_jwk(small, "s1"), secret, other]
    claims = good(stand_in, settings)
    with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):
        weak = stand_in.signed(claims, key=small, kid="s1")
    assert await verifier.verify(weak) is None
    assert await verifier.verify(stand_in.signed(claims, key=STRANGE_KEY, kid="n1")) is None
    assert await verifier.verify(stand_in.signed(claims, algorithm="RS512")) is None
    assert await verifier.verify(stand_in.signed(claims)) is not None


async def test_scopes_that_are_not_offered_here_are_not_taken_from_a_token(
    stand_in: TestIssuer, issuer: Issuer, settings: WebSettings
) -> None:
    verifier = ExternalTokenVerifier(
        issuer, resource="r", audiences=(settings.resource,), admit=admit_all, scopes=("mail.read",)
    )
    token = await verifier.verify(stand_in.signed(good(stand_in, settings, scope="mail.read mail.send")))
    assert token is not None
    assert (token.scopes, token.session.scopes) == (["mail.read"], ("mail.read",))
