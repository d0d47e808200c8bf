"""An id token is accepted only when every check passes."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr

from outlook_mcp.errors import SignInRefused
from outlook_mcp.identity.user import Identity, UserKey
from outlook_mcp.net.verification_keys import VerificationKeys
from outlook_mcp.oauth.entra.id_token import validate_id_token
from outlook_mcp.oauth.entra.identity_claims import require_same_person
from tests.rsa_keys import KEY, OTHER_KEY

TID = "2f1f6c3e-8a7b-4d55-9c0e-1b7d5a3e9001"
OTHER_TID = "7c9d0e4a-3b52-4f68-a1d7-4e8c6b2f9002"
OID = "a1c5d2e0-6b3f-4a17-8e94-0d2b7c6f1001"
COMMON = "https://login.example/{tenantid}/v2.0"
CLIENT = "6f1c1b52-0c3e-4f1e-9a55-3b1d3f0c7a01"
NONCE = SecretStr("n0nce")


def _claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": COMMON.replace("{tenantid}", TID),
        "aud": CLIENT,
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "nonce": NONCE.get_secret_value(),
        "tid": TID,
        "oid": OID,
        "preferred_username": "alice@contoso.example",
        "name": "Alice\n Archer",
    } | changed
    return {name: value for name, value in claims.items() if value is not None}


def _signed(claims: dict[str, Any], key: RSAPrivateKey = KEY, algorithm: str = "RS256", kid: str | None = "k1") -> str:
    return jwt.encode(claims, key, algorithm, headers={"kid": kid} if kid else None)


def _key_set(key_issuer: str | None = COMMON) -> dict[str, Any]:
    entry = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "k1", "use": "sig"}
    return {"keys": [entry | ({"issuer": key_issuer} if key_issuer else {})]}


async def _validated(
    token: str, *, issuer: str = COMMON, nonce: SecretStr | None = NONCE, key_issuer: str | None = COMMON
) -> Identity:
    async def fetch() -> Mapping[str, Any]:
        return _key_set(key_issuer)

    return await validate_id_token(
        SecretStr(token), VerificationKeys("Entra ID", fetch), client_id=CLIENT, issuer=issuer, nonce=nonce
    )


async def test_a_good_token_names_the_person() -> None:
    identity = await _validated(_signed(_claims()))
    assert identity == Identity(UserKey(TID, OID), "alice@contoso.example", "Alice Archer")


async def test_ids_are_compared_whatever_their_case() -> None:
    claims = _claims(tid=TID.upper(), oid=OID.upper(), iss=COMMON.replace("{tenantid}", TID.upper()))
    assert (await _validated(_signed(claims))).user == UserKey(TID, OID)


async def test_a_token_that_expired_moments_ago_is_accepted() -> None:
    await _validated(_signed(_claims(exp=int(time.time()) - 60)))


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"]},
        {"aud": None},
        {"iss": COMMON.replace("{tenantid}", OTHER_TID)},
        {"iss": COMMON},
        {"iss": "https://evil.example/" + TID + "/v2.0"},
        {"iss": None},
        {"tid": OTHER_TID},
        {"tid": None},
        {"tid": "contoso.example"},
        {"tid": {"a": 1}},
        {"oid": None},
        {"oid": ""},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"exp": "soon"},
        {"iat": None},
        {"nbf": int(time.time()) + 3600},
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": 1},
    ],
    # Times and signatures in names would differ between the processes of one test run.
    ids=lambda changed: "+".join(changed),
)
async def test_a_wrong_claim_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(SignInRefused):
        await _validated(_signed(_claims(**changed)))


async def test_one_tenant_does_not_accept_another() -> None:
    only = COMMON.replace("{tenantid}", OTHER_TID)
    with pytest.raises(SignInRefused, match="issuer"):
        await _validated(_signed(_claims()), issuer=only)
    with pytest.raises(SignInRefused, match="tenant"):
        await _validated(_signed(_claims(iss=only)), issuer=only)


async def test_a_key_of_one_issuer_signs_for_no_other() -> None:
    with pytest.raises(SignInRefused, match="issuer"):
        await _validated(_signed(_claims()), key_issuer=COMMON.replace("{tenantid}", OTHER_TID))


def _forged(header: dict[str, str], secret: bytes | None) -> str:
    """PyJWT refuses to make well-known forgeries, so they are assembled here."""

    def part(raw: bytes) -> bytes:
        return base64.urlsafe_b64encode(raw).rstrip(b"=")

    body = part(json.dumps(header).encode()) + b"." + part(json.dumps(_claims()).encode())
    return (body + b"." + (part(hmac.digest(secret, body, "sha256")) if secret else b"")).decode()


PUBLIC_PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    "token",
    [
        _forged({"alg": "none", "kid": "k1"}, None),
        _forged({"alg": "None", "kid": "k1"}, None),
        _forged({"alg": "HS256", "kid": "k1"}, PUBLIC_PEM),
        _signed(_claims(), OTHER_KEY),
        _signed(_claims(), kid="unknown"),
        _signed(_claims(), kid=None),
        _signed(_claims(), algorithm="RS512"),
        _signed(_claims(), algorithm="PS256"),
        _signed(_claims())[:-8] + "AAAAAAAA",
        "not.a.token",
        "",
        "a" * 10_000,
    ],
    ids=[
        "no algorithm",
        "none in another case",
        "public key as secret",
        "another key",
        "unknown key id",
        "no key id",
        "RS512",
        "PS256",
        "cut signature",
        "no token",
        "empty",
        "long",
    ],
)
async def test_a_wrong_signature_is_refused(token: str) -> None:
    with pytest.raises(SignInRefused) as refused:
        await _validated(token)
    assert "alice" not in str(refused.value)


async def test_no_nonce_is_needed_where_none_was_sent() -> None:
    await _validated(_signed(_claims(nonce=None)), nonce=None)


def test_a_refreshed_token_of_another_person_is_refused() -> None:
    token = SecretStr(_signed(_claims()))
    require_same_person(token, UserKey(TID, OID))
    require_same_person(None, UserKey(TID, OID))
    with pytest.raises(SignInRefused, match="another person"):
        require_same_person(token, UserKey(OTHER_TID, OID))
    for garbage in ("", "x", "x.y.z", "x.bnVsbA.z", "x.e30.z"):
        with pytest.raises(SignInRefused, match="another person"):
            require_same_person(SecretStr(garbage), UserKey(TID, OID))
