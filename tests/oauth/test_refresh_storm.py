"""Two servers, each with its own connections to one Redis, and fifty callers of one user at each, round after round.

The provider rotates strictly: a refresh token used twice ends the sign-in.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.oauth.tokens.refresh_lease import KIND as LEASE
from outlook_mcp.oauth.tokens.refresh_lease import refresh_lease
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.key_sources import FileKeySource
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.store_address import open_store
from outlook_mcp.vault.vault import CredentialVault
from tests.effort import usually
from tests.oauth.components import ALICE, SCOPES, Components, person_of, token_calls
from tests.valkey import HOST, KEEPS_EVERYTHING, Valkey, follows, valkey, valkey_with_sentinel
from tests.waiting import patience, pause

ROUNDS = usually(8, thoroughly=100)
CALLERS = 50
# How long the lease of a killed process still lasts. Those of the servers outlast the pauses of a busy machine.
ABANDONED_S = 0.8


@dataclass(frozen=True)
class Storm:
    """The servers, and what it takes to count."""

    servers: tuple[Components, ...]
    vaults: tuple[CredentialVault, ...]
    alice: UserKey
    connection: ConnectionId
    sandbox: Sandbox

    async def round(self, *accidents: Awaitable[None]) -> None:
        """Every caller at once needs a new token; all get the same one, of Alice, whatever happens meanwhile."""
        for components in self.servers:
            await _patiently(components, self.alice)
            components.clock.now += 3600
        happening = asyncio.gather(*accidents)
        callers = (_patiently(components, self.alice) for components in self.servers for _ in range(CALLERS))
        tokens = set(await asyncio.gather(*callers))
        await happening
        assert len(tokens) == 1
        assert person_of(tokens.pop()) == self.alice


async def _patiently(components: Components, user: UserKey) -> SecretStr:
    """As a caller who tries again when told to, because the store may be unavailable for a while."""
    async with patience():
        while True:
            with suppress(StoreUnavailable):
                return await components.tokens.access_token(user)
            await pause(0.05)


class Builder:
    def __init__(self, stack: AsyncExitStack, sandbox: Sandbox, folder: Path, audit: AuditLog) -> None:
        self._stack, self._sandbox, self._folder, self._audit = stack, sandbox, folder, audit

    async def storm(self, address: str) -> Storm:
        settings = OAuthSettings(
            client_id=self._sandbox.public_client_id, authority=self._sandbox.http_url, scopes=SCOPES
        )
        servers, vaults = [], []
        for _ in range(2):
            vault = CredentialVault(
                open_store(address, self._folder), KeyRing(FileKeySource(self._folder / "vault.key"))
            )
            self._stack.push_async_callback(vault.close)
            vaults.append(vault)
            servers.append(await self._stack.enter_async_context(Components.built(settings, vault, self._audit)))
        connection = await servers[0].signed_in(ALICE)
        return Storm(tuple(servers), tuple(vaults), connection.owner, connection.id, self._sandbox)


@pytest.fixture
async def builder(strict_sandbox: Sandbox, tmp_path: Path, audit: AuditLog) -> AsyncIterator[Builder]:
    async with AsyncExitStack() as stack:
        yield Builder(stack, strict_sandbox, tmp_path, audit)


def _report(name: str, calls: int, rounds: int) -> None:
    print(f"{name}: {calls / rounds:.2f} token calls a round over {rounds} rounds")


async def test_every_round_makes_one_token_request_and_signs_nobody_out(builder: Builder, a_valkey: Valkey) -> None:
    storm = await builder.storm(a_valkey.url)
    before = token_calls(storm.sandbox)
    for _ in range(ROUNDS):
        await storm.round()
    calls = token_calls(storm.sandbox) - before
    _report("storm", calls, ROUNDS)
    assert calls == ROUNDS


async def test_a_lease_whose_holder_dies_before_the_request_is_waited_for_and_nothing_is_lost(
    builder: Builder, a_valkey: Valkey
) -> None:
    storm = await builder.storm(a_valkey.url)
    rounds = max(3, ROUNDS // 10)
    before = token_calls(storm.sandbox)
    for number in range(rounds):
        await _abandon_lease(storm, storm.vaults[number % 2])
        await storm.round()
    calls = token_calls(storm.sandbox) - before
    _report("dead holders", calls, rounds)
    assert calls == rounds


async def _abandon_lease(storm: Storm, vault: CredentialVault) -> None:
    """What a killed process leaves: a lease that nobody extends or releases."""
    key = RecordKey(storm.alice, LEASE, storm.connection)
    await vault.replace_record(key, b"", expires_at=time.time() + ABANDONED_S)


async def test_a_cancelled_holder_fails_no_other_caller(builder: Builder, a_valkey: Valkey) -> None:
    storm = await builder.storm(a_valkey.url)
    rounds = max(3, ROUNDS // 4)
    before = token_calls(storm.sandbox)
    for number in range(rounds):
        holding = asyncio.Event()
        holder = asyncio.create_task(_hold(storm, number % 2, holding))
        await holding.wait()
        await storm.round(_cancel(holder))
    assert token_calls(storm.sandbox) - before == rounds


async def _hold(storm: Storm, server: int, holding: asyncio.Event) -> None:
    async with refresh_lease(storm.vaults[server], storm.alice, storm.connection, lease_s=OAuthTiming().lease_s):
        holding.set()
        await asyncio.Event().wait()


async def _cancel(holder: asyncio.Task[None]) -> None:
    holder.cancel()
    await asyncio.wait((holder,))


async def test_a_redis_that_crashes_and_restarts_during_a_round_signs_nobody_out(builder: Builder) -> None:
    with valkey(*KEEPS_EVERYTHING) as server:
        storm = await builder.storm(server.url)
        rounds = max(5, ROUNDS // 4)
        before = token_calls(storm.sandbox)
        for number in range(rounds):
            await storm.round(_crash(server, after_s=0.002 * (number % 10)))
        calls = token_calls(storm.sandbox) - before
        _report("crashes", calls, rounds)
        assert calls == rounds


async def _crash(server: Valkey, *, after_s: float, away_s: float = 0.1) -> None:
    await pause(after_s)
    server.kill()
    await pause(away_s)
    await asyncio.to_thread(server.start)


async def test_failovers_during_a_round_sign_nobody_out(builder: Builder) -> None:
    with valkey_with_sentinel() as (one, other, sentinel):
        storm = await builder.storm(f"redis+sentinel://{HOST}:{sentinel.port}/outlook?replicas=1")
        rounds = max(1, ROUNDS // 20)
        before = token_calls(storm.sandbox)
        for number in range(rounds):
            primary, replica = (one, other) if number % 2 == 0 else (other, one)
            await asyncio.to_thread(follows, replica, primary, sentinel)
            await storm.round(_fail_over(sentinel, after_s=0.002 * (number % 10)))
        calls = token_calls(storm.sandbox) - before
        _report("failovers", calls, rounds)
        assert calls == rounds


async def _fail_over(sentinel: Valkey, *, after_s: float) -> None:
    await pause(after_s)
    with sentinel.client() as client:
        assert client.sentinel_failover("outlook")


async def test_a_primary_that_dies_during_a_round_signs_nobody_out(builder: Builder) -> None:
    with valkey_with_sentinel() as (primary, replica, sentinel):
        storm = await builder.storm(f"redis+sentinel://{HOST}:{sentinel.port}/outlook?replicas=1")
        before = token_calls(storm.sandbox)
        await storm.round(_crash(primary, after_s=0.005, away_s=3.0))
        assert token_calls(storm.sandbox) - before == 1
        await asyncio.to_thread(follows, primary, replica, sentinel)
