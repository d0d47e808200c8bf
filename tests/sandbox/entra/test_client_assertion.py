"""Apps that prove themselves without a secret: by certificate, by federation, by the machine's identity."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from azure.identity import CertificateCredential, ClientAssertionCredential, ManagedIdentityCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import CONTOSO
from outlook_mcp.sandbox.entra.client_assertion import ASSERTION_TYPE, FEDERATED_AUDIENCE
from tests.rsa_keys import KEY, OTHER_KEY
from tests.sandbox.entra.app import RegisteredApp, refusal

DEFAULT = "https://graph.microsoft.com/.default"
MINE = {"name": "Mine", "redirect_uris": ["https://app.example/done"]}


def certificate_of(key: RSAPrivateKey) -> x509.Certificate:
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mine")]), datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return builder.sign(key, hashes.SHA256())


CERTIFICATE = certificate_of(KEY)
PEM = CERTIFICATE.public_bytes(Encoding.PEM).decode()


def thumbprint(certificate: x509.Certificate = CERTIFICATE) -> str:
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


async def registered(http: httpx.AsyncClient, **more: Any) -> RegisteredApp:
    made = (await http.post("/_sandbox/apps", json=MINE | more)).json()
    assert set(made) == {"client_id"}
    return RegisteredApp(http, made["client_id"], tenant=CONTOSO.tid)


def claims_of(app: RegisteredApp, **changes: Any) -> dict[str, Any]:
    audience = f"{app.http.base_url}/{CONTOSO.tid}/oauth2/v2.0/token".replace("//2", "/2")
    now = int(time.time())
    claims = {"iss": app.client_id, "sub": app.client_id, "aud": audience, "jti": str(uuid.uuid4())}
    return claims | {"nbf": now, "exp": now + 60} | changes


def signed(claims: dict[str, Any], key: RSAPrivateKey = KEY, **header: str) -> str:
    return jwt.encode(claims, key, "PS256", headers={"x5t#S256": thumbprint()} | header)


async def presented(app: RegisteredApp, assertion: str, kind: str = ASSERTION_TYPE) -> httpx.Response:
    proof = {"client_assertion": assertion, "client_assertion_type": kind}
    return await app.token(grant_type="client_credentials", scope=DEFAULT, **proof)


async def test_a_certificate_stands_for_the_app(http: httpx.AsyncClient) -> None:
    app = await registered(http, certificate=PEM)
    assert (await presented(app, signed(claims_of(app)))).status_code == 200
    assert refusal(await app.token(grant_type="client_credentials", scope=DEFAULT))[2] == 7000218


@pytest.mark.parametrize(
    ("changes", "aadsts"),
    [
        ({"sub": "somebody"}, 700021),
        ({"aud": "https://elsewhere.example/token"}, 700023),
        ({"exp": 1}, 700024),
        ({"exp": None}, 700024),
        ({"nbf": 9_999_999_999}, 700024),
        ({"iss": "https://elsewhere.example"}, 700211),
    ],
)
async def test_a_wrong_assertion_is_refused(http: httpx.AsyncClient, changes: dict[str, Any], aadsts: int) -> None:
    app = await registered(http, certificate=PEM)
    claims = {name: value for name, value in claims_of(app, **changes).items() if value is not None}
    assert refusal(await presented(app, signed(claims))) == (401, "invalid_client", aadsts)


async def test_an_assertion_of_another_key_is_refused(http: httpx.AsyncClient, web: RegisteredApp) -> None:
    app = await registered(http, certificate=PEM)
    other = thumbprint(certificate_of(OTHER_KEY))
    assert refusal(await presented(app, signed(claims_of(app), OTHER_KEY)))[2] == 700027
    assert refusal(await presented(app, signed(claims_of(app), OTHER_KEY, **{"x5t#S256": other})))[2] == 700027
    assert refusal(await presented(web, signed(claims_of(web))))[2] == 700027


async def test_what_is_no_assertion_is_refused(http: httpx.AsyncClient, desktop: RegisteredApp) -> None:
    app = await registered(http, certificate=PEM)
    assert refusal(await presented(app, "x")) == (400, "invalid_request", 50027)
    assert refusal(await presented(app, "x", kind="other")) == (400, "invalid_request", 9002313)
    untyped = await app.token(grant_type="client_credentials", scope=DEFAULT, client_assertion="x")
    assert refusal(untyped) == (400, "invalid_request", 900144)
    assert refusal(await presented(desktop, "x"))[2] == 700025


async def test_azure_identity_signs_in_with_a_certificate(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    app = await registered(http, certificate=PEM)
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + PEM.encode()
    reach: dict[str, Any] = {"disable_instance_discovery": True, "connection_verify": str(sandbox.ca_file)}

    def run() -> str:
        with CertificateCredential(
            CONTOSO.tid, app.client_id, certificate_data=pem, authority=sandbox.https_url, **reach
        ) as credential:
            return credential.get_token(DEFAULT).token

    assert await asyncio.to_thread(run)


async def test_a_token_of_a_trusted_issuer_stands_for_the_app(http: httpx.AsyncClient) -> None:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "one"}
    issuer = {"issuer": "https://cluster.example", "subject": "pod:mail", "jwks": {"keys": [public]}}
    app = await registered(http, federated=issuer)
    good = {"iss": issuer["issuer"], "sub": issuer["subject"], "aud": FEDERATED_AUDIENCE}
    assert (await presented(app, signed(claims_of(app, **good), kid="one"))).status_code == 200
    for changes, aadsts in (({"sub": "pod:other"}, 700213), ({"aud": "other"}, 700212), ({"iss": "other"}, 700211)):
        assert refusal(await presented(app, signed(claims_of(app, **good | changes), kid="one")))[2] == aadsts
    assert refusal(await presented(app, signed(claims_of(app, **good), kid="two")))[2] == 700027
    assert refusal(await presented(app, signed(claims_of(app, **good), OTHER_KEY, kid="one")))[2] == 700027


async def test_azure_identity_signs_in_with_the_identity_of_the_machine(
    sandbox: Sandbox, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = (await http.get("/_sandbox/identity")).json()
    app = await registered(http, federated={name: identity[name] for name in ("issuer", "subject", "jwks")})
    monkeypatch.setenv("IDENTITY_ENDPOINT", identity["endpoint"])
    monkeypatch.setenv("IDENTITY_HEADER", identity["header"])
    reach: dict[str, Any] = {"disable_instance_discovery": True, "connection_verify": str(sandbox.ca_file)}

    def run() -> str:
        with ManagedIdentityCredential() as machine:
            assert machine.get_token(DEFAULT).token
            proof = machine.get_token(f"{FEDERATED_AUDIENCE}/.default").token
        with ClientAssertionCredential(
            CONTOSO.tid, app.client_id, lambda: proof, authority=sandbox.https_url, **reach
        ) as credential:
            return credential.get_token(DEFAULT).token

    assert await asyncio.to_thread(run)


async def test_the_identity_answers_only_who_knows_its_header(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    header = {"X-IDENTITY-HEADER": sandbox.entra.identity_header.get_secret_value()}
    assert (await http.get("/msi/token", params={"resource": FEDERATED_AUDIENCE})).status_code == 401
    assert (await http.get("/msi/token", params={"resource": "https://x.example"}, headers=header)).status_code == 400


async def test_a_certificate_that_cannot_be_read_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.post("/_sandbox/apps", json=MINE | {"certificate": "none"})
    assert answer.status_code == 400
    assert "certificate" in answer.json()["error"]
