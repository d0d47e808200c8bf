"""The UserInfo endpoint of OpenID Connect, served for tokens of Graph."""

from __future__ import annotations

import httpx
import jwt

from tests.sandbox.entra.app import RegisteredApp, redirected

ALICE = "alice@contoso.example"


async def test_a_token_of_graph_reads_the_claims_of_its_user(desktop: RegisteredApp, http: httpx.AsyncClient) -> None:
    """https://learn.microsoft.com/entra/identity-platform/userinfo: `sub` is the one of the ID token."""
    back = redirected(await desktop.authorize(login_hint=ALICE))
    tokens = (await desktop.redeem(back["code"])).json()
    answer = await http.get("/oidc/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    claims = answer.json()
    assert answer.status_code == 200
    assert claims["sub"] == jwt.decode(tokens["id_token"], options={"verify_signature": False})["sub"]
    assert (claims["name"], claims["given_name"], claims["family_name"]) == ("Alice Archer", "Alice", "Archer")
    assert claims["email"] == ALICE


async def test_userinfo_needs_a_token(http: httpx.AsyncClient) -> None:
    refused = await http.get("/oidc/userinfo")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
