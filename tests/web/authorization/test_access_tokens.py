"""Which access tokens are accepted, and as whose."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.identity.session import Session
from outlook_mcp.identity.user import SERVER
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.web.caller import CallerToken
from outlook_mcp.web.verified_tokens import LIFETIME_S, MOST_TOKENS, VerifiedTokens
from tests.web.authorization.replica import ALICE, BOB, URL, Clock, Replica, replica


async def test_a_valid_token_names_its_user(server: Replica) -> None:
    token = (await server.granted())["access_token"]
    caller = await server.tokens.verify(token)
    (session,) = await server.sessions.sessions_of(ALICE)
    assert caller is not None
    assert caller.session == session
    assert caller.subject == "contoso:alice"
    assert caller.claims == {"iss": URL, "sid": session.id}
    assert (caller.resource, caller.client_id) == (f"{URL}/mcp", "public-client")
    assert caller.scopes == ["mail.read", "mail.write"]


async def test_two_users_of_one_client_stay_apart(server: Replica) -> None:
    tokens = [(await server.granted(user))["access_token"] for user in (ALICE, BOB)]
    callers = await asyncio.gather(*(server.tokens.verify(token) for token in tokens * 5))
    assert [caller and caller.session.user for caller in callers] == [ALICE, BOB] * 5


@pytest.mark.parametrize(
    "token",
    ["", "garbage", "g" * 43, "g" * 44, "g" * 100_000, "ä" * 43, "g" * 42 + "\n", "..", "eyJhbGciOiJub25lIn0.e30."],
)
async def test_text_that_is_no_token_is_refused(server: Replica, token: str) -> None:
    assert await server.tokens.verify(token) is None


@pytest.mark.parametrize("token", ["garbage", "g" * 100_000, "ä" * 43, "g" * 43 + "\n"])
async def test_text_that_cannot_be_a_token_is_refused_without_asking_the_store(
    server: Replica, tmp_path: Path, token: str
) -> None:
    await server.lose_store(tmp_path)
    assert await server.tokens.verify(token) is None


async def test_codes_and_tokens_are_made_of_256_random_bits_each(server: Replica) -> None:
    rounds = 4
    secrets = [await server.approved() for _ in range(rounds)]
    for _ in range(rounds):
        tokens = await server.granted()
        secrets += [tokens["access_token"], *tokens["refresh_token"].split(".")]
    values = [base64.b64decode(f"{secret}=", altchars=b"-_", validate=True) for secret in secrets]
    assert {len(value) for value in values} == {32}
    # Not one half of one is that of another: of random ones, once in 10^36.
    assert len({half for value in values for half in (value[:16], value[16:])}) == 2 * 4 * rounds


async def test_refresh_tokens_and_codes_are_no_access_tokens(server: Replica) -> None:
    tokens = await server.granted()
    assert await server.tokens.verify(tokens["refresh_token"]) is None
    for part in tokens["refresh_token"].split("."):
        assert await server.tokens.verify(part) is None
    assert await server.tokens.verify(await server.approved()) is None


async def test_an_expired_token_is_refused_even_while_it_is_cached(server: Replica) -> None:
    token = (await server.granted())["access_token"]
    assert await server.tokens.verify(token) is not None
    server.clock.ahead_s = 1801
    assert await server.tokens.verify(token) is None
    server.patience.ahead_s = LIFETIME_S + 1
    assert await server.tokens.verify(token) is None


async def test_a_token_for_another_resource_is_refused(server: Replica, tmp_path: Path) -> None:
    token = (await server.granted())["access_token"]
    async with replica(tmp_path, url="https://elsewhere.example") as elsewhere:
        assert await elsewhere.tokens.verify(token) is None


async def test_a_session_ended_elsewhere_is_refused_within_five_seconds(server: Replica, second: Replica) -> None:
    token = (await server.granted())["access_token"]
    caller = await server.tokens.verify(token)
    assert caller is not None
    await second.sessions.end_session(ALICE, caller.session.id)
    server.patience.ahead_s = 4.9
    assert await server.tokens.verify(token) == caller
    server.patience.ahead_s = 5.1
    assert await server.tokens.verify(token) is None


async def test_tokens_of_an_erased_user_are_refused(server: Replica, second: Replica) -> None:
    token = (await server.granted())["access_token"]
    await server.vault.erase_user(ALICE)
    assert await second.tokens.verify(token) is None


async def test_tokens_of_a_user_who_may_no_longer_use_the_server_are_refused_at_once(server: Replica) -> None:
    token = (await server.granted())["access_token"]
    assert await server.tokens.verify(token) is not None
    server.admittance.refused.add(ALICE)
    assert await server.tokens.verify(token) is None


async def test_a_token_cannot_be_verified_without_the_store_once_it_is_no_longer_cached(
    server: Replica, tmp_path: Path
) -> None:
    token = (await server.granted())["access_token"]
    assert await server.tokens.verify(token) is not None
    await server.lose_store(tmp_path)
    assert await server.tokens.verify(token) is not None
    server.patience.ahead_s = LIFETIME_S
    with pytest.raises(StoreUnavailable):
        await server.tokens.verify(token)


async def test_tokens_stay_valid_when_every_server_is_restarted(tmp_path: Path) -> None:
    async with replica(tmp_path) as server:
        tokens = await server.granted()
        code = await server.approved(BOB)
    async with replica(tmp_path) as server:
        assert await server.tokens.verify(tokens["access_token"]) is not None
        assert (await server.refresh(tokens["refresh_token"])).status_code == 200
        assert (await server.redeem(code)).status_code == 200


async def test_a_record_that_was_moved_to_another_token_is_refused(server: Replica) -> None:
    alice, bob = [(await server.granted(user))["access_token"] for user in (ALICE, BOB)]
    first, second = [
        RecordKey(SERVER, "access_token", token_id)
        for token_id in await server.vault.record_ids_of(SERVER, "access_token")
    ]
    store = server.vault._store
    rows = await store.get_record(first), await store.get_record(second)
    assert rows[0] is not None
    assert rows[1] is not None
    await store.put_record(first, rows[1], expected_generation=rows[0].generation)
    await store.put_record(second, rows[0], expected_generation=rows[1].generation)
    assert await server.tokens.verify(alice) is None
    assert await server.tokens.verify(bob) is None


async def test_the_verified_token_does_not_hold_the_text_of_the_token(server: Replica) -> None:
    token = (await server.granted())["access_token"]
    caller = await server.tokens.verify(token)
    assert caller is not None
    assert token not in repr(caller)
    assert token not in caller.model_dump_json()


async def test_no_secret_is_in_the_store_or_in_what_is_recorded(server: Replica, tmp_path: Path) -> None:
    handle, code = await server.asked(), await server.approved()
    first = (await server.redeem(code)).json()
    renewed = (await server.refresh(first["refresh_token"])).json()
    secrets = [code, handle.get_secret_value(), first["access_token"], renewed["access_token"]]
    secrets += [part for tokens in (first, renewed) for part in tokens["refresh_token"].split(".")]
    stored = all_bytes(tmp_path)
    recorded = "".join(server.events.texts)
    assert len(stored) > 4096
    assert recorded
    for secret in secrets:
        assert secret.encode() not in stored
        assert secret not in recorded


async def test_a_limited_number_of_tokens_is_cached(server: Replica) -> None:
    clock = Clock()
    verified = VerifiedTokens(clock)
    caller = await server.tokens.verify((await server.granted())["access_token"])
    assert caller is not None
    for number in range(MOST_TOKENS + 5):
        verified.add_token(str(number), of(caller, str(number)), verified_at=verified.now())
    assert len(verified) == MOST_TOKENS
    assert verified.find_token("4") is None
    assert verified.find_token("5") is not None
    verified.forget_session("5")
    assert verified.find_token("5") is None
    clock.ahead_s = 6
    verified.add_token("late", caller, verified_at=verified.now())
    assert len(verified) == 1


def of(caller: CallerToken, session_id: str) -> CallerToken:
    now = caller.session.created
    session = Session(id=session_id, user=ALICE, transport="http", created=now, last_seen=now)
    return caller.model_copy(update={"session": session})


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())
