"""No secret of a sign-in or a refresh reaches a log, an error, an audit record or a repr."""

from __future__ import annotations

import asyncio
import logging
import urllib.request
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.errors import SignInError
from outlook_mcp.oauth.connections.token_record import TokenRecord
from outlook_mcp.oauth.entra.client_credential import SecretCredential
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.oauth.sign_in.oauth_manager import SignInRequest
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.vault.vault import CredentialVault
from tests.oauth.components import ALICE, Components

HUSH = "hush-client-secret"


def _visit(url: str) -> str:
    """As a browser, but one that logs nothing."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as page:
        return str(page.url)


def _values(record: TokenRecord) -> set[str]:
    held = (record.access_token, record.refresh_token, record.previous_refresh_token)
    return {secret.get_secret_value() for secret in held if secret}


def _faults_that_tell(secrets: set[str]) -> tuple[Fault, ...]:
    body = {"error": "invalid_grant", "error_description": f"no such token: {' '.join(secrets)}"}
    return (
        Fault(route="*/token", status=400, body=dict(body)),
        Fault(route="*/token", status=500, body=" ".join(secrets)),
        Fault(route="*/token", cut="body"),
    )


async def test_no_secret_is_in_a_log_error_audit_record_or_repr(
    sandbox: Sandbox,
    settings: OAuthSettings,
    vault: CredentialVault,
    audit: AuditLog,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    async with Components.built(settings, vault, audit) as components:
        sign_in = await components.manager.begin_loopback(SignInRequest(login_hint=ALICE))
        query = parse_qs(urlsplit(sign_in.url).query)
        callback = await asyncio.to_thread(_visit, sign_in.url)
        connection = await sign_in.wait()
        secrets = {query["state"][0], query["nonce"][0], parse_qs(urlsplit(callback).query)["code"][0]}
        for _ in range(2):
            kept = await components.refresher.stored_tokens(connection.owner, connection.id)
            secrets |= _values(kept.record)
            await components.tokens.access_token(connection.owner, claims="{}")
            told += [repr(kept), repr(kept.record)]
        for fault in _faults_that_tell(secrets):
            sandbox.faults.replace_rules([fault])
            with pytest.raises(SignInError) as failed:
                await components.tokens.access_token(connection.owner, claims="{}")
            told += [str(failed.value), repr(failed.value), repr(failed.value.__cause__)]
        with pytest.raises(SignInError) as failed:
            await components.manager.complete_sign_in(
                {"state": "unknown", "code": "c0de-of-another-sign-in", "error_description": " ".join(secrets)}
            )
        told += [str(failed.value), repr(sign_in), repr(connection), repr(components), repr(settings)]
    everything = "\n".join([*told, caplog.text, (tmp_path / "audit.log").read_text()])
    assert len(secrets) >= 7
    assert [secret for secret in secrets if secret in everything] == []
    assert "c0de-of-another-sign-in" not in everything
    sealed = (tmp_path / "vault.db").read_bytes() + (tmp_path / "vault.db-wal").read_bytes()
    assert [secret for secret in secrets if secret.encode() in sealed] == []


async def test_a_wrong_client_secret_is_not_repeated(
    sandbox: Sandbox, settings: OAuthSettings, vault: CredentialVault, audit: AuditLog, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    confidential = replace(settings, client_id=sandbox.confidential_client_id)
    credential = SecretCredential(SecretStr(HUSH))
    async with Components.built(confidential, vault, audit, credential=credential) as components:
        with pytest.raises(SignInError, match="7000215") as failed:
            await components.provider.refresh(SecretStr("x"))
    assert HUSH not in str(failed.value) + repr(credential) + caplog.text
