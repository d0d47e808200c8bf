"""azure-identity, unchanged, over HTTPS with the sandbox's certificate authority."""

from __future__ import annotations

import asyncio
from typing import Any

import jwt
import pytest
from azure.identity import AuthorizationCodeCredential, ClientSecretCredential, OnBehalfOfCredential

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import CONTOSO
from tests.sandbox.entra.app import RegisteredApp

ALICE = "alice@contoso.example"
MAIL_READ = "https://graph.microsoft.com/Mail.Read"
DEFAULT = "https://graph.microsoft.com/.default"


@pytest.fixture
def reach(sandbox: Sandbox) -> dict[str, Any]:
    return {
        "authority": sandbox.https_url,
        "disable_instance_discovery": True,
        "connection_verify": str(sandbox.ca_file),
    }


def claims(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


async def test_it_redeems_a_code_and_finds_the_refresh_token_again(
    sandbox: Sandbox, desktop: RegisteredApp, reach: dict[str, Any]
) -> None:
    sandbox.entra.token_lifetime_s = 0
    scope = f"{MAIL_READ} offline_access openid profile"
    code = await desktop.code(ALICE, scope=scope, code_challenge=None, code_challenge_method=None)

    def run() -> list[str]:
        with AuthorizationCodeCredential(
            CONTOSO.tid, desktop.client_id, code, desktop.redirect_uri, **reach
        ) as credential:
            return [credential.get_token(MAIL_READ).token for _ in range(2)]

    first, second = await asyncio.to_thread(run)
    assert first != second
    assert claims(second)["upn"] == ALICE


async def test_an_app_signs_in_for_itself_and_on_behalf_of_a_user(
    desktop: RegisteredApp, web: RegisteredApp, reach: dict[str, Any]
) -> None:
    assertion = (await desktop.sign_in(ALICE, scope=f"api://{web.client_id}/access_as_user"))["access_token"]
    secret = web.secret or ""

    def run() -> tuple[str, str]:
        with ClientSecretCredential(CONTOSO.tid, web.client_id, secret, **reach) as own:
            itself = own.get_token(DEFAULT).token
        with OnBehalfOfCredential(
            CONTOSO.tid, web.client_id, client_secret=secret, user_assertion=assertion, **reach
        ) as delegated:
            return itself, delegated.get_token(MAIL_READ).token

    itself, delegated = await asyncio.to_thread(run)
    assert claims(itself)["idtyp"] == "app"
    assert claims(delegated)["upn"] == ALICE
    assert claims(delegated)["scp"] == "Mail.Read"
