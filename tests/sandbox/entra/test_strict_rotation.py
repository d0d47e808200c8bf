from __future__ import annotations

import pytest

from outlook_mcp.sandbox import SandboxOptions
from tests.sandbox.entra.app import RegisteredApp, refusal

ALICE = "alice@contoso.example"


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(seed=False, rotate_refresh_tokens=True)


async def test_a_used_token_is_dead(desktop: RegisteredApp) -> None:
    first = (await desktop.sign_in(ALICE))["refresh_token"]
    second = (await desktop.refresh(first)).json()["refresh_token"]
    assert (await desktop.refresh(second)).status_code == 200
    assert refusal(await desktop.refresh(first)) == (400, "invalid_grant", 70000)


async def test_reuse_revokes_the_whole_family(desktop: RegisteredApp) -> None:
    first = (await desktop.sign_in(ALICE))["refresh_token"]
    other = (await desktop.sign_in(ALICE))["refresh_token"]
    second = (await desktop.refresh(first)).json()["refresh_token"]
    await desktop.refresh(first)
    assert refusal(await desktop.refresh(second)) == (400, "invalid_grant", 70000)
    assert (await desktop.refresh(other)).status_code == 200


async def test_a_refused_refresh_does_not_use_the_token_up(desktop: RegisteredApp) -> None:
    first = (await desktop.sign_in(ALICE))["refresh_token"]
    assert refusal(await desktop.refresh(first, scope="Mail.Fly"))[2] == 70011
    assert (await desktop.refresh(first)).status_code == 200
