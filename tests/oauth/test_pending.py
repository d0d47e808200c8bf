"""A started sign-in can be completed once, within ten minutes."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import SecretStr

from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.security_service import SignInSecrets
from outlook_mcp.oauth.sign_in.pending import LIFETIME_S, MOST_PENDING, PendingSignIn, PendingSignIns
from outlook_mcp.oauth.sign_in.vault_pending import VaultPendingSignIns
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.vault.vault import CredentialVault


def _pending(state: str) -> PendingSignIn:
    return PendingSignIn(
        SignInSecrets(state, SecretStr("n"), SecretStr("v")), "http://localhost/callback", None, None, None
    )


async def test_a_state_works_once() -> None:
    pending = PendingSignIns()
    await pending.store_sign_in(_pending("a"))
    assert await pending.take_sign_in("b") is None
    assert await pending.take_sign_in("a") == _pending("a")
    assert await pending.take_sign_in("a") is None


async def test_a_state_works_for_ten_minutes() -> None:
    now = [0.0]
    pending = PendingSignIns(clock=lambda: now[0])
    await pending.store_sign_in(_pending("a"))
    await pending.store_sign_in(_pending("b"))
    now[0] = LIFETIME_S - 1
    assert await pending.take_sign_in("a") is not None
    now[0] = LIFETIME_S
    assert await pending.take_sign_in("b") is None


async def test_the_oldest_sign_in_is_dropped_when_there_are_too_many() -> None:
    pending = PendingSignIns()
    for number in range(MOST_PENDING + 1):
        await pending.store_sign_in(_pending(str(number)))
    assert await pending.take_sign_in("0") is None
    assert await pending.take_sign_in("1") is not None
    assert await pending.take_sign_in(str(MOST_PENDING)) is not None


async def _shared(vault: CredentialVault) -> VaultPendingSignIns:
    return VaultPendingSignIns(Tickets(vault, Digests(await vault.derive_key("digests"))))


@pytest.mark.parametrize(
    "pending",
    [
        _pending("a"),
        PendingSignIn(
            SignInSecrets("a", SecretStr("n"), SecretStr("v")),
            "https://mail.contoso.example/callback",
            ("Mail.Read",),
            UserKey("t", "owner"),
            UserKey("t", "expected"),
            connects=False,
        ),
    ],
)
async def test_a_callback_may_come_to_another_server(vault: CredentialVault, pending: PendingSignIn) -> None:
    here, there = await _shared(vault), await _shared(vault)
    await here.store_sign_in(pending)
    assert await there.take_sign_in("b") is None
    assert await there.take_sign_in("") is None
    assert await there.take_sign_in("a") == pending
    assert await here.take_sign_in("a") is None


async def test_of_two_servers_that_get_the_callback_one_finds_the_sign_in(vault: CredentialVault) -> None:
    servers = [await _shared(vault) for _ in range(8)]
    await servers[0].store_sign_in(_pending("a"))
    taken = await asyncio.gather(*(server.take_sign_in("a") for server in servers))
    assert [sign_in for sign_in in taken if sign_in is not None] == [_pending("a")]
