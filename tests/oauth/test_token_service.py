"""A user always gets a valid token of their own, and Entra is asked no more often than needed."""

from __future__ import annotations

import asyncio

import jwt
import pytest
from pydantic import JsonValue, SecretStr

from outlook_mcp.errors import AdministratorRequired, SignInRefused, SignInRequired, SignInUnavailable, StoreUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.entra_errors import ClaimsRequired
from outlook_mcp.oauth.oauth_manager import SignInWish
from outlook_mcp.oauth.token_record import TokenRecord, token_key
from outlook_mcp.oauth.token_service import REMEMBER_REFUSAL_S, TRUSTED_S
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.vault.records import OpenRecord, RecordKey
from outlook_mcp.vault.vault import CredentialVault
from tests.oauth.rooms import ALICE, BOB, SCOPES, Rooms, person_of, token_calls, until

EXPIRED_S = 3600.0
DUE_S = 3600.0 - 299.0
BUSY = Fault(route="*/token", status=503, body={"error": "temporarily_unavailable"})


@pytest.fixture
async def alice(rooms: Rooms) -> UserKey:
    """Signed in, with a fresh token in memory."""
    user = (await rooms.signed_in(ALICE)).owner
    await rooms.tokens.access_token(user)
    return user


async def test_a_fresh_token_comes_from_memory(rooms: Rooms, sandbox: Sandbox, alice: UserKey) -> None:
    calls = token_calls(sandbox)
    tokens = {(await rooms.tokens.access_token(alice)).get_secret_value() for _ in range(100)}
    assert len(tokens) == 1
    assert token_calls(sandbox) == calls


async def test_a_new_process_finds_the_token_in_the_vault(rooms: Rooms, sandbox: Sandbox, alice: UserKey) -> None:
    token, calls = await rooms.tokens.access_token(alice), token_calls(sandbox)
    rooms.tokens.forget(alice)
    assert await rooms.tokens.access_token(alice) == token
    assert token_calls(sandbox) == calls


async def test_three_hundred_callers_make_one_refresh(rooms: Rooms, sandbox: Sandbox, alice: UserKey) -> None:
    old, calls = await rooms.tokens.access_token(alice), token_calls(sandbox)
    rooms.clock.now += EXPIRED_S
    tokens = await asyncio.gather(*(rooms.tokens.access_token(alice) for _ in range(300)))
    assert {token == old for token in tokens} == {False}
    assert len(set(tokens)) == 1
    assert token_calls(sandbox) == calls + 1


async def test_two_hundred_users_get_their_own_tokens_by_one_refresh_each(
    rooms: Rooms, sandbox: Sandbox, vault: CredentialVault
) -> None:
    owners = {UserKey("tenant", f"owner {number}"): sandbox.users[number % 5] for number in range(200)}
    for owner, user in owners.items():
        refresh_token = sandbox.entra.refresh_tokens.issue(
            sandbox.public_client_id, user.oid, " ".join(("openid", "offline_access", *SCOPES))
        )
        record = TokenRecord(
            UserKey(user.tid, user.oid), SecretStr(refresh_token), None, SecretStr("old"), 0.0, 3600, None, SCOPES
        )
        await vault.put(token_key(owner, "box"), record.to_bytes(), expected_generation=None)
    callers = [owner for _ in range(5) for owner in owners]
    tokens = await asyncio.gather(*(rooms.tokens.access_token(owner, "box") for owner in callers))
    wrong = [owner for owner, token in zip(callers, tokens, strict=True) if person_of(token).oid != owners[owner].oid]
    assert wrong == []
    assert len(set(zip(callers, tokens, strict=True))) == len(set(tokens)) == 200
    assert token_calls(sandbox) == 200


async def test_a_cancelled_first_caller_harms_nobody(rooms: Rooms, sandbox: Sandbox, alice: UserKey) -> None:
    calls = token_calls(sandbox)
    sandbox.faults.replace([Fault(route="*/token", delay_s=0.2)])
    rooms.clock.now += EXPIRED_S
    first, *others = (asyncio.create_task(rooms.tokens.access_token(alice)) for _ in range(5))
    await until(lambda: token_calls(sandbox) == calls + 1)
    first.cancel()
    assert len({await other for other in others}) == 1
    assert first.cancelled()
    assert token_calls(sandbox) == calls + 1


async def test_a_refresh_nobody_waits_for_any_more_is_kept(rooms: Rooms, sandbox: Sandbox, alice: UserKey) -> None:
    calls = token_calls(sandbox)
    sandbox.faults.replace([Fault(route="*/token", delay_s=0.1)])
    rooms.clock.now += EXPIRED_S
    caller = asyncio.create_task(rooms.tokens.access_token(alice))
    await until(lambda: token_calls(sandbox) == calls + 1)
    caller.cancel()
    await asyncio.wait((caller,))
    await rooms.tokens.aclose()
    await rooms.tokens.access_token(alice)
    assert token_calls(sandbox) == calls + 1


async def test_a_refresh_that_is_due_makes_nobody_wait(rooms: Rooms, sandbox: Sandbox, alice: UserKey) -> None:
    old, calls = await rooms.tokens.access_token(alice), token_calls(sandbox)
    sandbox.faults.replace([Fault(route="*/token", delay_s=0.1)])
    rooms.clock.now += DUE_S
    assert {await rooms.tokens.access_token(alice) for _ in range(20)} == {old}
    await rooms.tokens.aclose()
    assert await rooms.tokens.access_token(alice) != old
    assert token_calls(sandbox) == calls + 1


async def test_a_valid_token_is_served_while_early_refreshes_fail(
    rooms: Rooms, sandbox: Sandbox, alice: UserKey
) -> None:
    old, calls = await rooms.tokens.access_token(alice), token_calls(sandbox)
    sandbox.faults.replace([BUSY])
    rooms.clock.now += DUE_S
    for _ in range(20):
        assert await rooms.tokens.access_token(alice) == old
    await until(lambda: token_calls(sandbox) == calls + 1)
    sandbox.faults.replace([])
    rooms.clock.now += 61
    assert await rooms.tokens.access_token(alice) == old
    await until(lambda: token_calls(sandbox) == calls + 2)


@pytest.mark.parametrize(
    "fault", [BUSY, Fault(route="*/token", cut="before"), Fault(route="*/token", status=502, body="<html>")], ids=str
)
async def test_trouble_at_entra_signs_nobody_out(rooms: Rooms, sandbox: Sandbox, alice: UserKey, fault: Fault) -> None:
    sandbox.faults.replace([fault])
    rooms.clock.now += EXPIRED_S
    for _ in range(3):
        with pytest.raises(SignInUnavailable):
            await rooms.tokens.access_token(alice)
    sandbox.faults.replace([])
    assert person_of(await rooms.tokens.access_token(alice)) == alice


async def test_a_revoked_sign_in_asks_for_a_new_one_and_entra_only_once(
    rooms: Rooms, sandbox: Sandbox, alice: UserKey
) -> None:
    sandbox.entra.refresh_tokens.revoke_user(alice.oid)
    rooms.clock.now += EXPIRED_S
    calls = token_calls(sandbox)
    for _ in range(5):
        with pytest.raises(SignInRequired, match="revoked"):
            await rooms.tokens.access_token(alice)
    assert token_calls(sandbox) == calls + 1
    rooms.clock.now += REMEMBER_REFUSAL_S
    with pytest.raises(SignInRequired):
        await rooms.tokens.access_token(alice)
    assert token_calls(sandbox) == calls + 2
    await rooms.signed_in(ALICE)
    assert person_of(await rooms.tokens.access_token(alice)) == alice


async def test_missing_factors_carry_the_claims_for_the_next_sign_in(
    rooms: Rooms, sandbox: Sandbox, alice: UserKey
) -> None:
    user = sandbox.directory.user(ALICE)
    assert user is not None
    sandbox.directory.require(user, 50076)
    rooms.clock.now += EXPIRED_S
    with pytest.raises(ClaimsRequired, match="multi-factor") as refused:
        await rooms.tokens.access_token(alice)
    assert "capolids" in refused.value.claims


async def test_a_policy_that_blocks_is_a_matter_for_the_administrator(
    rooms: Rooms, sandbox: Sandbox, alice: UserKey
) -> None:
    user = sandbox.directory.user(ALICE)
    assert user is not None
    sandbox.directory.require(user, 53003)
    rooms.clock.now += EXPIRED_S
    with pytest.raises(AdministratorRequired, match="Conditional Access"):
        await rooms.tokens.access_token(alice)


async def test_a_claims_challenge_gets_a_new_token_for_all_who_were_challenged(
    rooms: Rooms, sandbox: Sandbox, alice: UserKey
) -> None:
    old, calls = await rooms.tokens.access_token(alice), token_calls(sandbox)
    claims = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
    tokens = await asyncio.gather(*(rooms.tokens.access_token(alice, claims=claims) for _ in range(30)))
    assert len({*tokens, old}) == 2
    assert await rooms.tokens.access_token(alice) == tokens[0]
    assert token_calls(sandbox) == calls + 1


async def test_a_token_graph_refused_is_replaced_once(rooms: Rooms, sandbox: Sandbox, alice: UserKey) -> None:
    old, calls = await rooms.tokens.access_token(alice), token_calls(sandbox)
    tokens = await asyncio.gather(*(rooms.tokens.access_token(alice, rejected=old) for _ in range(30)))
    assert len({*tokens, old}) == 2
    assert await rooms.tokens.access_token(alice, rejected=old) == tokens[0]
    assert token_calls(sandbox) == calls + 1


async def test_the_token_before_the_last_is_tried_when_the_last_is_refused(
    rooms: Rooms, vault: CredentialVault, alice: UserKey
) -> None:
    connection = await rooms.connections.default(alice)
    kept = await rooms.refresher.read(alice, connection.id)
    torn = TokenRecord(
        alice, SecretStr("torn"), kept.record.refresh_token, SecretStr("old"), 0.0, 3600, None, kept.record.scopes
    )
    await vault.replace(token_key(alice, connection.id), torn.to_bytes())
    rooms.tokens.forget(alice)
    assert person_of(await rooms.tokens.access_token(alice)) == alice


async def test_an_answer_for_another_person_is_not_kept(rooms: Rooms, sandbox: Sandbox, alice: UserKey) -> None:
    connection = await rooms.connections.default(alice)
    before = await rooms.refresher.read(alice, connection.id)
    stranger = jwt.encode({"tid": alice.tid, "oid": "somebody else"}, "k" * 32, "HS256")
    body: JsonValue = {"access_token": "x", "token_type": "Bearer", "expires_in": 3600, "id_token": stranger}
    sandbox.faults.replace([Fault(route="*/token", status=200, body=body)])
    rooms.clock.now += EXPIRED_S
    with pytest.raises(SignInRefused, match="another person"):
        await rooms.tokens.access_token(alice)
    assert await rooms.refresher.read(alice, connection.id) == before


async def test_nobody_signed_in_is_told_so(rooms: Rooms) -> None:
    with pytest.raises(SignInRequired):
        await rooms.tokens.access_token(UserKey("t", "nobody"))


async def test_a_sign_out_elsewhere_ends_within_seconds(rooms: Rooms, vault: CredentialVault, alice: UserKey) -> None:
    connection = await rooms.connections.default(alice)
    await vault.delete(token_key(alice, connection.id))
    rooms.clock.now += TRUSTED_S
    with pytest.raises(SignInRequired):
        await rooms.tokens.access_token(alice)


async def test_signing_out_here_ends_at_once(rooms: Rooms, alice: UserKey) -> None:
    await rooms.connections.disconnect_all(alice)
    with pytest.raises(SignInRequired):
        await rooms.tokens.access_token(alice)


async def test_another_default_mailbox_counts_at_once(rooms: Rooms, alice: UserKey) -> None:
    linked = await rooms.signed_in(BOB, SignInWish(owner=alice))
    assert person_of(await rooms.tokens.access_token(alice)) == alice
    await rooms.connections.set_default(alice, linked.id)
    assert person_of(await rooms.tokens.access_token(alice)) == linked.mailbox


async def test_reads_go_on_while_the_vault_is_away(
    rooms: Rooms, vault: CredentialVault, alice: UserKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that fails on demand does not exist here, so the vault's door is shut by hand."""
    token = await rooms.tokens.access_token(alice)

    async def away(key: RecordKey) -> OpenRecord | None:
        raise StoreUnavailable("The store is away.")

    monkeypatch.setattr(vault, "get", away)
    rooms.clock.now += TRUSTED_S
    assert await rooms.tokens.access_token(alice) == token
    rooms.clock.now += EXPIRED_S
    with pytest.raises(StoreUnavailable):
        await rooms.tokens.access_token(alice)
    monkeypatch.undo()
    assert person_of(await rooms.tokens.access_token(alice)) == alice
