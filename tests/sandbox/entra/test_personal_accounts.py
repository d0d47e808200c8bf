"""A person with an account of their own, in no organisation."""

from __future__ import annotations

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import CONSUMERS, CONTOSO
from tests.sandbox.entra.app import RegisteredApp, redirected, refusal
from tests.sandbox.entra.test_tokens import verified

FRIDA, ALICE = "frida.falk@freemail.example", "alice@contoso.example"


@pytest.mark.parametrize("tenant", ["common", "consumers", CONSUMERS.tid])
async def test_a_personal_account_signs_in(desktop: RegisteredApp, sandbox: Sandbox, tenant: str) -> None:
    desktop.tenant = tenant
    answer = await desktop.sign_in(FRIDA)
    claims = await verified(desktop.http, answer["id_token"], desktop.client_id)
    assert (claims["tid"], claims["iss"]) == (CONSUMERS.tid, f"{sandbox.http_url}/{CONSUMERS.tid}/v2.0")
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    folders = (await desktop.http.get("/v1.0/me/mailFolders", headers=headers)).json()
    assert folders["value"]
    assert answer["access_token"].count(".") == 0


@pytest.mark.parametrize("tenant", ["organizations", CONTOSO.tid])
async def test_it_does_not_sign_in_at_an_organisation(desktop: RegisteredApp, tenant: str) -> None:
    desktop.tenant = tenant
    refused = redirected(await desktop.authorize(login_hint=FRIDA))
    assert refused["error_description"].startswith("AADSTS50020")
    assert FRIDA not in (await desktop.authorize()).text


async def test_nobody_of_an_organisation_signs_in_as_a_consumer(desktop: RegisteredApp) -> None:
    desktop.tenant = "consumers"
    assert redirected(await desktop.authorize(login_hint=ALICE))["error_description"].startswith("AADSTS50020")


async def test_an_app_has_no_token_for_itself_there(web: RegisteredApp, http: httpx.AsyncClient) -> None:
    web.tenant = "consumers"
    answer = await web.token(grant_type="client_credentials", scope="https://graph.microsoft.com/.default")
    assert refusal(answer)[2] == 9001023
