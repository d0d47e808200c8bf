"""On-Behalf-Of with every kind of app credential at Entra ID."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from outlook_mcp.config import GivenConfiguration
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import CONTOSO, FederatedCredential
from tests.rsa_keys import KEY
from tests.web.issuers_e2e.entra import consented, registered, token_for, told
from tests.web.issuers_e2e.opened_site import ListeningPort, opened
from tests.web.site.served import ALICE

PLATFORM = {"iss": "https://cluster.example", "sub": "system:serviceaccount:mail:outlook-mcp"}
# What the app registration holds, and the settings that fit it.
Proof = tuple[dict[str, Any], dict[str, Any]]


async def by_secret(sandbox: Sandbox, folder: Path, environment: pytest.MonkeyPatch) -> Proof:
    return {"secret": SecretStr("hush")}, {"client_secret": SecretStr("hush")}


async def by_certificate(sandbox: Sandbox, folder: Path, environment: pytest.MonkeyPatch) -> Proof:
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "outlook")]), datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    certificate = builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
    file = folder / "app.pem"
    file.write_text(certificate + KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
    return {"certificate": certificate}, {"client_proof": "certificate", "client_certificate": file}


async def by_managed_identity(sandbox: Sandbox, folder: Path, environment: pytest.MonkeyPatch) -> Proof:
    """As on a machine of App Service."""
    async with httpx.AsyncClient(trust_env=False) as http:
        machine = (await http.get(f"{sandbox.http_url}/_sandbox/identity")).json()
    environment.setenv("IDENTITY_ENDPOINT", machine["endpoint"])
    environment.setenv("IDENTITY_HEADER", machine["header"])
    trusted = FederatedCredential(machine["issuer"], machine["subject"], machine["jwks"])
    return {"federated": trusted}, {"client_proof": "managed-identity"}


async def by_workload_identity(sandbox: Sandbox, folder: Path, environment: pytest.MonkeyPatch) -> Proof:
    """As in a pod of Kubernetes."""
    body = {**PLATFORM, "aud": "api://AzureADTokenExchange", "exp": int(time.time()) + 600}
    file = folder / "platform-token"
    file.write_text(jwt.encode(body, KEY, "RS256", headers={"kid": "one"}))
    environment.setenv("AZURE_FEDERATED_TOKEN_FILE", str(file))
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "one"}
    trusted = FederatedCredential(PLATFORM["iss"], PLATFORM["sub"], {"keys": [public]})
    return {"federated": trusted}, {"client_proof": "workload-identity"}


@pytest.mark.parametrize("prove", [by_secret, by_certificate, by_managed_identity, by_workload_identity])
async def test_every_kind_of_app_credential_opens_the_callers_mailbox(
    sandbox: Sandbox, port: ListeningPort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prove: Callable[..., Any]
) -> None:
    registration, settings = await prove(sandbox, tmp_path, monkeypatch)
    app = registered(sandbox, port, **registration)
    consented(sandbox, app, ALICE)
    settings |= {"auth": "entra", "client_id": app.client_id, "tenant": CONTOSO.tid}
    async with opened(port, sandbox, tmp_path / "data", **settings) as site:
        token = await token_for(sandbox, app, ALICE)
        assert "Inbox" in told(await site.call(token, "mail_folders"))
        # A refresh, too, needs the proof.
        sandbox.entra.access_tokens.clear()
        assert "Inbox" in told(await site.call(token, "mail_folders"))


async def test_a_wrong_app_credential_needs_an_administrator(
    sandbox: Sandbox, port: ListeningPort, tmp_path: Path
) -> None:
    app = registered(sandbox, port, secret=SecretStr("hush"))
    consented(sandbox, app, ALICE)
    settings = {"client_secret": SecretStr("wrong"), "client_id": app.client_id, "tenant": CONTOSO.tid}
    async with opened(port, sandbox, tmp_path, auth="entra", **settings) as site:
        answer = told(await site.call(await token_for(sandbox, app, ALICE), "mail_folders"))
    assert "Ask the administrator of your organisation: replace the client secret" in answer
    assert "/connect" not in answer


async def test_a_server_without_its_platform_token_refuses_to_start(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(tmp_path / "nowhere"))
    settings = {"client_proof": "workload-identity", "client_id": sandbox.public_client_id, "tenant": CONTOSO.tid}
    with pytest.raises(ConfigurationError, match="OUTLOOK_MCP_FEDERATED_TOKEN_FILE: read .*nowhere"):
        GivenConfiguration.load({"auth": "entra", "data_dir": str(tmp_path), **settings})
