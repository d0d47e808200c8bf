"""A user always gets a valid token of their own, and Entra is asked no more often than needed."""

from __future__ import annotations

import asyncio

import jwt
import pytest
from pydantic import JsonValue, SecretStr

from outlook_mcp.errors import (
    AdministratorRequired,
    ClaimsRequired,
    SignInRefused,
    SignInRequired,
    SignInUnavailable,
    StoreUnavailable,
)
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.token_record import TokenRecord, token_key
from outlook_mcp.oauth.sign_in.oauth_manager import SignInRequest
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.vault.records import OpenRecord, RecordKey
from outlook_mcp.vault.vault import CredentialVault
from tests.effort import usually
from tests.oauth.components import ALICE, BOB, SCOPES, Components, person_of, token_calls
from tests.waiting import until

EXPIRED_S = 3600.0
DUE_S = 3600.0 - 299.0
BUSY = Fault(route="*/token", status=503, body={"error": "temporarily_unavailable"})


@pytest.fixture
async def alice(components: Components) -> UserKey:
    """Signed in, with a fresh token in memory."""
    user = (await components.signed_in(ALICE)).owner
    await components.tokens.access_token(user)
    return user


async def test_a_fresh_token_comes_from_memory(components: Components, sandbox: Sandbox, alice: UserKey) -> None:
    calls = token_calls(sandbox)
    tokens = {(await components.tokens.access_token(alice)).get_secret_value() for _ in range(100)}
    assert len(tokens) == 1
    assert token_calls(sandbox) == calls


async def test_a_new_process_finds_the_token_in_the_vault(
    components: Components, sandbox: Sandbox, alice: UserKey
) -> None:
    token, calls = await components.tokens.access_token(alice), token_calls(sandbox)
    components.tokens.forget(alice)
    assert await components.tokens.access_token(alice) == token
    assert token_calls(sandbox) == calls


async def test_three_hundred_callers_make_one_refresh(components: Components, sandbox: Sandbox, alice: UserKey) -> None:
    old, calls = await components.tokens.access_token(alice), token_calls(sandbox)
    components.clock.now += EXPIRED_S
    tokens = await asyncio.gather(*(components.tokens.access_token(alice) for _ in range(300)))
    assert {token == old for token in tokens} == {False}
    assert len(set(tokens)) == 1
    assert token_calls(sandbox) == calls + 1


USERS = usually(60, thoroughly=200)


async def test_many_users_get_their_own_tokens_by_one_refresh_each(
    components: Components, sandbox: Sandbox, vault: CredentialVault
) -> None:
    box = ConnectionId("box")
    owners = {UserKey("tenant", f"owner {number}"): sandbox.users[number % 5] for number in range(USERS)}
    for owner, user in owners.items():
        refresh_token = sandbox.entra.refresh_tokens.issue_token(
            sandbox.public_client_id, user.oid, " ".join(("openid", "offline_access", *SCOPES))
        )
        record = TokenRecord(
            UserKey(user.tid, user.oid), SecretStr(refresh_token), None, SecretStr("old"), 0.0, 3600, None, SCOPES
        )
        await vault.put_record(token_key(owner, box), record.to_bytes(), expected_generation=None)
    callers = [owner for _ in range(5) for owner in owners]
    tokens = await asyncio.gather(*(components.tokens.access_token(owner, box) for owner in callers))
    wrong = [owner for owner, token in zip(callers, tokens, strict=True) if person_of(token).oid != owners[owner].oid]
    assert wrong == []
    assert len(set(zip(callers, tokens, strict=True))) == len(set(tokens)) == USERS
    assert token_calls(sandbox) == USERS


async def test_a_cancelled_first_caller_fails_no_other_caller(
    components: Components, sandbox: Sandbox, alice: UserKey
) -> None:
    calls = token_calls(sandbox)
    sandbox.faults.replace_rules([Fault(route="*/token", delay_s=0.2)])
    components.clock.now += EXPIRED_S
    first, *others = (asyncio.create_task(components.tokens.access_token(alice)) for _ in range(5))
    await until(lambda: token_calls(sandbox) == calls + 1)
    first.cancel()
    assert len({await other for other in others}) == 1
    assert first.cancelled()
    assert token_calls(sandbox) == calls + 1


async def test_a_refresh_that_nobody_waits_for_any_more_is_stored(
    components: Components, sandbox: Sandbox, alice: UserKey
) -> None:
    calls = token_calls(sandbox)
    sandbox.faults.replace_rules([Fault(route="*/token", delay_s=0.1)])
    components.clock.now += EXPIRED_S
    caller = asyncio.create_task(components.tokens.access_token(alice))
    await until(lambda: token_calls(sandbox) == calls + 1)
    caller.cancel()
    await asyncio.wait((caller,))
    await components.tokens.aclose()
    await components.tokens.access_token(alice)
    assert token_calls(sandbox) == calls + 1


async def test_no_caller_waits_for_an_early_refresh(components: Components, sandbox: Sandbox, alice: UserKey) -> None:
    old, calls = await components.tokens.access_token(alice), token_calls(sandbox)
    sandbox.faults.replace_rules([Fault(route="*/token", delay_s=0.1)])
    components.clock.now += DUE_S
    assert {await components.tokens.access_token(alice) for _ in range(20)} == {old}
    await components.tokens.aclose()
    assert await components.tokens.access_token(alice) != old
    assert token_calls(sandbox) == calls + 1


async def test_a_valid_token_is_served_while_early_refreshes_fail(
    components: Components, sandbox: Sandbox, alice: UserKey, caplog: pytest.LogCaptureFixture
) -> None:
    old, calls = await components.tokens.access_token(alice), token_calls(sandbox)
    sandbox.faults.replace_rules([BUSY])
    components.clock.now += DUE_S
    for _ in range(20):
        assert await components.tokens.access_token(alice) == old
    await until(lambda: "could not be refreshed now" in caplog.text)
    assert token_calls(sandbox) == calls + 1
    sandbox.faults.replace_rules([])
    components.clock.now += 61
    assert await components.tokens.access_token(alice) == old
    await until(lambda: token_calls(sandbox) == calls + 2)


@pytest.mark.parametrize(
    "fault", [BUSY, Fault(route="*/token", cut="before"), Fault(route="*/token", status=502, body="<html>")], ids=str
)
async def test_trouble_at_entra_signs_nobody_out(
    components: Components, sandbox: Sandbox, alice: UserKey, fault: Fault
) -> None:
    sandbox.faults.replace_rules([fault])
    components.clock.now += EXPIRED_S
    for _ in range(3):
        with pytest.raises(SignInUnavailable):
            await components.tokens.access_token(alice)
    sandbox.faults.replace_rules([])
    assert person_of(await components.tokens.access_token(alice)) == alice


async def test_a_revoked_sign_in_asks_for_a_new_one_and_entra_only_once(
    components: Components, sandbox: Sandbox, alice: UserKey
) -> None:
    sandbox.entra.refresh_tokens.revoke_user(alice.oid)
    components.clock.now += EXPIRED_S
    calls = token_calls(sandbox)
    for _ in range(5):
        with pytest.raises(SignInRequired, match="revoked"):
            await components.tokens.access_token(alice)
    assert token_calls(sandbox) == calls + 1
    components.clock.now += OAuthTiming().refusal_s
    with pytest.raises(SignInRequired):
        await components.tokens.access_token(alice)
    assert token_calls(sandbox) == calls + 2
    await components.signed_in(ALICE)
    assert person_of(await components.tokens.access_token(alice)) == alice


async def test_the_error_for_a_missing_second_factor_carries_the_claims_for_the_next_sign_in(
    components: Components, sandbox: Sandbox, alice: UserKey
) -> None:
    user = sandbox.directory.user(ALICE)
    assert user is not None
    sandbox.directory.require(user, 50076)
    components.clock.now += EXPIRED_S
    with pytest.raises(ClaimsRequired, match="multi-factor") as refused:
        await components.tokens.access_token(alice)
    assert "capolids" in refused.value.claims


async def test_a_policy_that_blocks_needs_an_administrator(
    components: Components, sandbox: Sandbox, alice: UserKey
) -> None:
    user = sandbox.directory.user(ALICE)
    assert user is not None
    sandbox.directory.require(user, 53003)
    components.clock.now += EXPIRED_S
    with pytest.raises(AdministratorRequired, match="Conditional Access"):
        await components.tokens.access_token(alice)


async def test_a_claims_challenge_gets_a_new_token_for_all_who_were_challenged(
    components: Components, sandbox: Sandbox, alice: UserKey
) -> None:
    old, calls = await components.tokens.access_token(alice), token_calls(sandbox)
    claims = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
    tokens = await asyncio.gather(*(components.tokens.access_token(alice, claims=claims) for _ in range(30)))
    assert len({*tokens, old}) == 2
    assert await components.tokens.access_token(alice) == tokens[0]
    assert token_calls(sandbox) == calls + 1


async def test_a_token_graph_refused_is_replaced_once(components: Components, sandbox: Sandbox, alice: UserKey) -> None:
    old, calls = await components.tokens.access_token(alice), token_calls(sandbox)
    tokens = await asyncio.gather(*(components.tokens.access_token(alice, rejected=old) for _ in range(30)))
    assert len({*tokens, old}) == 2
    assert await components.tokens.access_token(alice, rejected=old) == tokens[0]
    assert token_calls(sandbox) == calls + 1


async def test_the_token_before_the_last_is_tried_when_the_last_is_refused(
    components: Components, vault: CredentialVault, alice: UserKey
) -> None:
    connection = await components.connections.default_connection(alice)
    kept = await components.refresher.stored_tokens(alice, connection.id)
    torn = TokenRecord(
        alice, SecretStr("torn"), kept.record.refresh_token, SecretStr("old"), 0.0, 3600, None, kept.record.scopes
    )
    await vault.replace_record(token_key(alice, connection.id), torn.to_bytes())
    components.tokens.forget(alice)
    assert person_of(await components.tokens.access_token(alice)) == alice


async def test_an_answer_for_another_person_is_not_kept(
    components: Components, sandbox: Sandbox, alice: UserKey
) -> None:
    connection = await components.connections.default_connection(alice)
    before = await components.refresher.stored_tokens(alice, connection.id)
    of_another_user = jwt.encode({"tid": alice.tid, "oid": "somebody else"}, "k" * 32, "HS256")
    body: JsonValue = {"access_token": "x", "token_type": "Bearer", "expires_in": 3600, "id_token": of_another_user}
    sandbox.faults.replace_rules([Fault(route="*/token", status=200, body=body)])
    components.clock.now += EXPIRED_S
    with pytest.raises(SignInRefused, match="another person"):
        await components.tokens.access_token(alice)
    assert await components.refresher.stored_tokens(alice, connection.id) == before


async def test_a_user_without_a_sign_in_is_asked_to_sign_in(components: Components) -> None:
    with pytest.raises(SignInRequired):
        await components.tokens.access_token(UserKey("t", "nobody"))


async def test_a_sign_out_on_another_server_takes_effect_within_seconds(
    components: Components, vault: CredentialVault, alice: UserKey
) -> None:
    connection = await components.connections.default_connection(alice)
    await vault.delete_record(token_key(alice, connection.id))
    components.clock.now += OAuthTiming().trusted_s
    with pytest.raises(SignInRequired):
        await components.tokens.access_token(alice)


async def test_a_sign_out_on_this_server_takes_effect_at_once(components: Components, alice: UserKey) -> None:
    await components.connections.disconnect_all(alice)
    with pytest.raises(SignInRequired):
        await components.tokens.access_token(alice)


async def test_another_default_mailbox_is_used_at_once(components: Components, alice: UserKey) -> None:
    linked = await components.signed_in(BOB, SignInRequest(owner=alice))
    assert person_of(await components.tokens.access_token(alice)) == alice
    await components.connections.set_default(alice, linked.id)
    assert person_of(await components.tokens.access_token(alice)) == linked.mailbox


async def test_reads_go_on_while_the_vault_is_away(
    components: Components, vault: CredentialVault, alice: UserKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no store that fails on demand, so reads of the vault are made to fail here."""
    token = await components.tokens.access_token(alice)

    async def away(key: RecordKey) -> OpenRecord | None:
        raise StoreUnavailable("The store is away.")

    monkeypatch.setattr(vault, "get_record", away)
    components.clock.now += OAuthTiming().trusted_s
    assert await components.tokens.access_token(alice) == token
    components.clock.now += EXPIRED_S
    with pytest.raises(StoreUnavailable):
        await components.tokens.access_token(alice)
    monkeypatch.undo()
    assert person_of(await components.tokens.access_token(alice)) == alice
