"""An app authenticates to Entra: by certificate, by a federated token, by the managed identity of the machine."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.errors import AdministratorRequired, ConfigurationError, SignInUnavailable
from outlook_mcp.oauth.entra.certificate_credential import ASSERTION_LIFETIME_S, CertificateCredential
from outlook_mcp.oauth.entra.client_credential import ClientCredential, SecretCredential, WorkloadIdentityCredential
from outlook_mcp.oauth.entra.managed_identity_credential import ManagedIdentityCredential
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import FederatedCredential
from outlook_mcp.vault.redis_address import RedisAddress
from outlook_mcp.vault.redis_store import RedisStore
from outlook_mcp.vault.vault import CredentialVault
from tests.oauth.components import ALICE, CALLBACK, SCOPES, Components, person_of
from tests.proxy import ProxySettings, running_proxy
from tests.rsa_keys import KEY, OTHER_KEY
from tests.valkey import Valkey

GRAPH = "https://graph.microsoft.com"
ENDPOINT = "https://login.contoso.example/common/oauth2/v2.0/token"
ISSUER = {"iss": "https://cluster.example", "sub": "system:serviceaccount:mail:outlook-mcp"}
AUDIENCE = "api://AzureADTokenExchange"


def _certificate(key: Any, *, lasts: timedelta = timedelta(days=1)) -> str:
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "outlook")]), datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(days=2)).not_valid_after(now + lasts)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def _pem(key: Any, encryption: KeySerializationEncryption = NoEncryption()) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption), "ascii")


CERTIFICATE = _certificate(KEY)


def _written(file: Path, *parts: str) -> Path:
    file.write_text("".join(parts))
    return file


def _registered(sandbox: Sandbox, **proof: Any) -> str:
    """A confidential app that Alice consented to."""
    app = sandbox.directory.register("Server", [CALLBACK], kind="web", **proof)
    alice = sandbox.directory.user(ALICE)
    assert alice is not None
    wanted = ("openid", "profile", "offline_access", *(f"{GRAPH}/{scope}" for scope in SCOPES))
    sandbox.directory.consent(app, alice, wanted)
    return app.client_id


async def _signs_in_and_refreshes(components: Components) -> None:
    connection = await components.signed_in(ALICE)
    first = await components.tokens.access_token(connection.owner)
    second = await components.tokens.access_token(connection.owner, rejected=first)
    assert person_of(first) == person_of(second) == connection.owner
    assert first != second


def _proof_of(form: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of the assertion."""
    token = form["client_assertion"]
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return jwt.get_unverified_header(token), claims


async def test_an_app_authenticates_with_a_certificate(
    sandbox: Sandbox, settings: OAuthSettings, vault: CredentialVault, audit: AuditLog, tmp_path: Path
) -> None:
    client_id = _registered(sandbox, certificate=CERTIFICATE)
    proof = CertificateCredential(client_id, _written(tmp_path / "app.pem", _pem(KEY), CERTIFICATE))
    async with Components.built(replace(settings, client_id=client_id), vault, audit, credential=proof) as components:
        await _signs_in_and_refreshes(components)


async def test_a_certificate_of_another_app_needs_an_administrator(
    sandbox: Sandbox, settings: OAuthSettings, vault: CredentialVault, audit: AuditLog, tmp_path: Path
) -> None:
    client_id = _registered(sandbox, certificate=_certificate(OTHER_KEY))
    proof = CertificateCredential(client_id, _written(tmp_path / "app.pem", _pem(KEY), CERTIFICATE))
    async with Components.built(replace(settings, client_id=client_id), vault, audit, credential=proof) as components:
        with pytest.raises(AdministratorRequired, match="certificate"):
            await components.signed_in(ALICE)


async def test_an_assertion_is_for_one_request_at_one_address_for_five_minutes(tmp_path: Path) -> None:
    credential = CertificateCredential("app", _written(tmp_path / "app.pem", CERTIFICATE, _pem(KEY)))
    form = await credential.parameters(ENDPOINT)
    header, claims = _proof_of(form)
    assert (header["alg"], "x5t#S256" in header) == ("PS256", True)
    assert (claims["aud"], claims["iss"], claims["sub"]) == (ENDPOINT, "app", "app")
    assert claims["exp"] - claims["nbf"] == ASSERTION_LIFETIME_S
    assert abs(claims["iat"] - time.time()) < 60
    assert _proof_of(await credential.parameters(ENDPOINT))[1]["jti"] != claims["jti"]
    jwt.decode(form["client_assertion"], KEY.public_key(), ["PS256"], audience=ENDPOINT)


async def test_a_renewed_certificate_is_used_at_once(tmp_path: Path) -> None:
    file = _written(tmp_path / "app.pem", _pem(KEY), CERTIFICATE)
    credential = CertificateCredential("app", file)
    before = _proof_of(await credential.parameters(ENDPOINT))[0]
    _written(file, _pem(OTHER_KEY), _certificate(OTHER_KEY))
    assert _proof_of(await credential.parameters(ENDPOINT))[0]["x5t#S256"] != before["x5t#S256"]


async def test_from_a_chain_the_certificate_of_the_key_is_used(tmp_path: Path) -> None:
    alone = CertificateCredential("app", _written(tmp_path / "one.pem", _pem(KEY), CERTIFICATE))
    chain = CertificateCredential(
        "app", _written(tmp_path / "two.pem", _pem(KEY), _certificate(OTHER_KEY), CERTIFICATE)
    )
    headers = [_proof_of(await credential.parameters(ENDPOINT))[0] for credential in (alone, chain)]
    assert headers[0] == headers[1]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ((), "expected a PEM file"),
        ((CERTIFICATE,), "expected a PEM file"),
        ((_pem(KEY),), "expected a PEM file"),
        ((_pem(KEY, BestAvailableEncryption(b"secret")), CERTIFICATE), "unencrypted"),
        ((_pem(KEY), _certificate(OTHER_KEY)), "belongs to it"),
        ((_pem(ec_key := ec.generate_private_key(ec.SECP256R1())), _certificate(ec_key)), "RSA"),
        ((_pem(KEY), _certificate(KEY, lasts=timedelta(days=-1))), "expired on"),
    ],
    ids=["empty", "no key", "no certificate", "encrypted", "foreign", "not RSA", "expired"],
)
def test_a_file_without_a_usable_certificate_and_key_is_refused_at_the_start(
    tmp_path: Path, parts: tuple[str, ...], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told) as refused:
        CertificateCredential("app", _written(tmp_path / "app.pem", *parts))
    assert "app.pem" in str(refused.value)
    with pytest.raises(ConfigurationError, match="nowhere.pem"):
        CertificateCredential("app", tmp_path / "nowhere.pem")


def _federated_token(key: RSAPrivateKey, **claims: str) -> str:
    body = {**ISSUER, "aud": AUDIENCE, "exp": int(time.time()) + 600, **claims}
    return jwt.encode(body, key, "RS256", headers={"kid": "one"})


def _trusted() -> FederatedCredential:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "one"}
    return FederatedCredential(ISSUER["iss"], ISSUER["sub"], {"keys": [public]})


async def test_an_app_authenticates_with_the_platforms_token_which_is_read_for_each_request(
    sandbox: Sandbox, settings: OAuthSettings, vault: CredentialVault, audit: AuditLog, tmp_path: Path
) -> None:
    client_id = _registered(sandbox, federated=_trusted())
    file = _written(tmp_path / "token", _federated_token(KEY), "\n")
    proof = WorkloadIdentityCredential(file)
    async with Components.built(replace(settings, client_id=client_id), vault, audit, credential=proof) as components:
        await _signs_in_and_refreshes(components)
        _written(file, _federated_token(KEY, sub="somebody:else"))
        with pytest.raises(AdministratorRequired, match="subject"):
            await components.signed_in(ALICE)


@pytest.mark.parametrize("contents", ["", "no token", "zwei.Wörter.drei", "a.b"])
async def test_a_file_without_a_token_is_named(tmp_path: Path, contents: str) -> None:
    with pytest.raises(ConfigurationError, match="AZURE_FEDERATED_TOKEN_FILE"):
        await WorkloadIdentityCredential(_written(tmp_path / "token", contents)).parameters(ENDPOINT)
    with pytest.raises(ConfigurationError, match="nowhere"):
        await WorkloadIdentityCredential(tmp_path / "nowhere").parameters(ENDPOINT)


@pytest.fixture
async def machine(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The environment of a machine with the sandbox's managed identity."""
    async with httpx.AsyncClient(trust_env=False) as http:
        identity: dict[str, Any] = (await http.get(f"{sandbox.http_url}/_sandbox/identity")).json()
    monkeypatch.setenv("IDENTITY_ENDPOINT", identity["endpoint"])
    monkeypatch.setenv("IDENTITY_HEADER", identity["header"])
    return identity


async def test_an_app_authenticates_with_the_managed_identity_of_the_machine(
    sandbox: Sandbox,
    settings: OAuthSettings,
    vault: CredentialVault,
    audit: AuditLog,
    machine: dict[str, Any],
) -> None:
    trusted = FederatedCredential(machine["issuer"], machine["subject"], machine["jwks"])
    client_id = _registered(sandbox, federated=trusted)
    proof = ManagedIdentityCredential()
    async with Components.built(replace(settings, client_id=client_id), vault, audit, credential=proof) as components:
        await _signs_in_and_refreshes(components)


async def test_a_machine_without_the_identity_says_so(machine: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_HEADER", "WRONG")
    nobody = ManagedIdentityCredential()
    with pytest.raises(AdministratorRequired, match="managed identity"):
        await nobody.parameters(ENDPOINT)
    await nobody.aclose()


async def test_the_managed_identity_and_the_redis_store_are_reached_directly_whatever_proxy_the_environment_names(
    machine: dict[str, Any], a_valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if NO_PROXY listed them: here it lists nothing, and so loopback would go through the proxy, too."""
    with running_proxy(ProxySettings({})) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        identity, store = ManagedIdentityCredential(), RedisStore(RedisAddress.parse(a_valkey.url))
        assert "client_assertion" in await identity.parameters(ENDPOINT)
        await store.check_usable()
        await identity.aclose()
        await store.close()
        assert proxy.requests == []


async def test_a_request_to_the_managed_identity_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    credential = ManagedIdentityCredential(deadline_s=0.3)
    with pytest.raises(SignInUnavailable, match="managed identity"):
        await credential.parameters(ENDPOINT)
    await credential.aclose()


async def test_a_secret_is_a_field_and_never_shown() -> None:
    credential: ClientCredential = SecretCredential(SecretStr("hush"))
    assert await credential.parameters(ENDPOINT) == {"client_secret": "hush"}
    assert "hush" not in repr(vars(credential))


def test_libraries_of_a_credential_are_loaded_only_when_it_is_configured() -> None:
    show = "print([m for m in ('azure', 'httpx', 'jwt') if m in sys.modules])"
    code = f"import sys, outlook_mcp.oauth.entra.microsoft_provider, outlook_mcp.app.credentials; {show}"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
