"""Several processes refresh over one vault, and no sign-in is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.errors import SignInRequired
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.faults import Fault
from tests.oauth.components import ALICE, SCOPES, Components, person_of, token_calls
from tests.vaults import vault_in
from tests.waiting import until

ROUNDS = 25
CALLERS = 5


@dataclass(frozen=True)
class Replicas:
    """Two servers with nothing in common but the vault's file; Alice is signed in."""

    one: Components
    two: Components
    alice: UserKey

    async def expire(self) -> None:
        """Both servers have the current token in memory, and it has expired."""
        for components in (self.one, self.two):
            await components.tokens.access_token(self.alice)
            components.clock.now += 3600


async def _replicas(stack: AsyncExitStack, sandbox: Sandbox, folder: Path, audit: AuditLog, lease_s: float) -> Replicas:
    settings = OAuthSettings(client_id=sandbox.public_client_id, authority=sandbox.http_url, scopes=SCOPES)
    both = []
    for _ in range(2):
        vault = vault_in(folder)
        stack.push_async_callback(vault.close)
        both.append(await stack.enter_async_context(Components.built(settings, vault, audit, lease_s=lease_s)))
    return Replicas(both[0], both[1], (await both[0].signed_in(ALICE)).owner)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def test_with_strict_rotation_nobody_is_signed_out(
    stack: AsyncExitStack, strict_sandbox: Sandbox, tmp_path: Path, audit: AuditLog
) -> None:
    replicas = await _replicas(stack, strict_sandbox, tmp_path, audit, 6.0)
    before = token_calls(strict_sandbox)
    for _ in range(ROUNDS):
        await replicas.expire()
        tokens = await asyncio.gather(
            *(
                components.tokens.access_token(replicas.alice)
                for components in (replicas.one, replicas.two)
                for _ in range(CALLERS)
            )
        )
        assert len(set(tokens)) == 1
        assert person_of(tokens[0]) == replicas.alice
    assert token_calls(strict_sandbox) == before + ROUNDS


async def test_without_a_lease_compare_and_swap_alone_signs_nobody_out_at_entra(
    stack: AsyncExitStack, sandbox: Sandbox, tmp_path: Path, audit: AuditLog
) -> None:
    replicas = await _replicas(stack, sandbox, tmp_path, audit, 0.0)
    sandbox.faults.replace_rules([Fault(route="*/token", delay_s=0.02)])
    for _ in range(5):
        await replicas.expire()
        tokens = await asyncio.gather(
            *(components.tokens.access_token(replicas.alice) for components in (replicas.one, replicas.two))
        )
        assert {person_of(token) for token in tokens} == {replicas.alice}
        for components in (replicas.one, replicas.two):
            components.tokens.forget(replicas.alice)
        kept = [await components.tokens.access_token(replicas.alice) for components in (replicas.one, replicas.two)]
        assert kept[0] == kept[1]


async def test_a_refused_token_that_was_replaced_meanwhile_signs_nobody_out(
    stack: AsyncExitStack, sandbox: Sandbox, tmp_path: Path, audit: AuditLog
) -> None:
    replicas = await _replicas(stack, sandbox, tmp_path, audit, 0.0)
    await replicas.expire()
    refusal = Fault(route="*/token", times=1, delay_s=0.3, status=400, body={"error": "invalid_grant"})
    sandbox.faults.replace_rules([refusal])
    calls = token_calls(sandbox)
    slow = asyncio.create_task(replicas.one.tokens.access_token(replicas.alice))
    await until(lambda: token_calls(sandbox) == calls + 1)
    quick = await replicas.two.tokens.access_token(replicas.alice)
    assert await slow == quick
    assert token_calls(sandbox) == calls + 2


async def test_a_refresh_that_ends_after_a_sign_out_stores_nothing(
    stack: AsyncExitStack, sandbox: Sandbox, tmp_path: Path, audit: AuditLog
) -> None:
    replicas = await _replicas(stack, sandbox, tmp_path, audit, 6.0)
    await replicas.expire()
    sandbox.faults.replace_rules([Fault(route="*/token", delay_s=0.2)])
    calls = token_calls(sandbox)
    refreshing = asyncio.create_task(replicas.one.tokens.access_token(replicas.alice))
    await until(lambda: token_calls(sandbox) == calls + 1)
    await replicas.two.connections.disconnect_all(replicas.alice)
    with pytest.raises(SignInRequired):
        await refreshing
    with pytest.raises(SignInRequired):
        await replicas.one.tokens.access_token(replicas.alice)
