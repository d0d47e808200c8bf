"""Refresh tokens: each is replaced at its use, and a used one that comes back late ends its grant."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretBytes

from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import GenerationConflict
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.web.authorization.grant_records import GrantRecords
from outlook_mcp.web.authorization.refresh_families import RefreshFamilies
from tests.web.authorization.replica import ALICE, OTHER, Replica, replica


async def test_a_refresh_gives_new_tokens_on_any_server(server: Replica, second: Replica) -> None:
    tokens = await server.granted()
    answer = await second.refresh(tokens["refresh_token"])
    renewed = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert renewed["scope"] == "mail.read mail.write"
    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert renewed["access_token"] != tokens["access_token"]
    assert await server.tokens.verify(renewed["access_token"]) is not None
    assert (await server.refresh(renewed["refresh_token"])).status_code == 200
    assert len(await server.sessions.sessions_of(ALICE)) == 1


async def test_a_used_refresh_token_ends_the_grant_when_it_comes_back_after_a_minute(
    server: Replica, second: Replica
) -> None:
    stolen = (await server.granted())["refresh_token"]
    answer = (await server.refresh(stolen)).json()
    second.clock.ahead_s = 61
    assert (await second.refresh(stolen)).json()["error"] == "invalid_grant"
    assert (await server.refresh(answer["refresh_token"])).json()["error"] == "invalid_grant"
    assert await second.tokens.verify(answer["access_token"]) is None
    assert await server.sessions.sessions_of(ALICE) == ()
    assert second.events.tags == [AuditTag.GRANT_REFRESH_REUSED]


async def test_a_server_whose_clock_is_behind_does_not_repeat_a_refresh_for_longer(
    server: Replica, second: Replica
) -> None:
    stolen = (await server.granted())["refresh_token"]
    await server.refresh(stolen)
    second.clock.ahead_s = -15 * 60
    assert (await second.refresh(stolen)).json()["error"] == "invalid_grant"
    assert await server.sessions.sessions_of(ALICE) == ()


async def test_a_refresh_token_used_before_the_previous_one_ends_the_grant_at_once(
    server: Replica, second: Replica
) -> None:
    stolen = (await server.granted())["refresh_token"]
    second_token = (await server.refresh(stolen)).json()["refresh_token"]
    third = (await server.refresh(second_token)).json()["refresh_token"]
    assert (await second.refresh(stolen)).json()["error"] == "invalid_grant"
    assert (await server.refresh(third)).json()["error"] == "invalid_grant"
    assert await server.sessions.sessions_of(ALICE) == ()


async def test_a_client_that_refreshes_from_two_addresses_at_once_keeps_its_session(
    server: Replica, second: Replica
) -> None:
    """A hosted client does; every answer stays usable, whichever of them the client keeps."""
    token = (await server.granted())["refresh_token"]
    for _ in range(15):
        answers = await asyncio.gather(server.refresh(token), second.refresh(token))
        assert [answer.status_code for answer in answers] == [200, 200]
        (token,) = {answer.json()["refresh_token"] for answer in answers}
        access = {answer.json()["access_token"] for answer in answers}
        assert len(access) == 2
        assert None not in [await server.tokens.verify(access_token) for access_token in access]
    assert len(await server.sessions.sessions_of(ALICE)) == 1


async def test_of_twenty_simultaneous_refreshes_all_get_the_same_next_token(server: Replica, second: Replica) -> None:
    token = (await server.granted())["refresh_token"]
    servers = (server, second)
    answers = await asyncio.gather(*(servers[n % 2].refresh(token) for n in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    (successor,) = {answer.json()["refresh_token"] for answer in answers}
    assert (await second.refresh(successor)).status_code == 200


async def test_presenting_the_previous_token_again_does_not_prolong_the_minute(server: Replica) -> None:
    token = (await server.granted())["refresh_token"]
    await server.refresh(token)
    server.clock.ahead_s = 40
    assert (await server.refresh(token)).status_code == 200
    server.clock.ahead_s = 80
    assert (await server.refresh(token)).json()["error"] == "invalid_grant"


async def test_the_previous_token_of_a_client_gives_another_client_nothing(server: Replica) -> None:
    token = (await server.granted())["refresh_token"]
    successor = (await server.refresh(token)).json()["refresh_token"]
    assert (await server.refresh(token, client_id=OTHER.client_id)).json()["error"] == "invalid_grant"
    assert (await server.refresh(successor)).status_code == 200


async def test_a_refresh_token_tells_nothing_of_the_next_one_to_whoever_lacks_the_key(server: Replica) -> None:
    token = (await server.granted())["refresh_token"]
    successor = (await server.refresh(token)).json()["refresh_token"]
    guesses = GrantRecords(server.vault, Digests(SecretBytes(b"another key of as many bytes....")))
    assert RefreshFamilies(server.settings.resource, guesses).successor_of(token) != successor


async def test_reuse_ends_one_grant_and_no_other(server: Replica) -> None:
    tokens, others = await server.granted(), await server.granted()
    await server.refresh(tokens["refresh_token"])
    server.clock.ahead_s = 61
    await server.refresh(tokens["refresh_token"])
    assert (await server.refresh(others["refresh_token"])).status_code == 200
    assert len(await server.sessions.sessions_of(ALICE)) == 1


async def test_a_write_conflict_in_the_store_ends_no_grant(server: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data keys that change too often fail a write without anybody having used the token."""
    token = (await server.granted())["refresh_token"]
    put = server.vault.put_record

    async def contended(
        key: RecordKey, value: bytes, *, expected_generation: int | None, expires_at: float | None = None
    ) -> int:
        if key.kind == "refresh_token":
            raise GenerationConflict("The data keys changed too often.")
        return await put(key, value, expected_generation=expected_generation, expires_at=expires_at)

    with monkeypatch.context() as patch:
        patch.setattr(server.vault, "put_record", contended)
        answer = await server.refresh(token)
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert (await server.refresh(token)).status_code == 200


async def test_a_refresh_that_cannot_be_recorded_uses_nothing_up(server: Replica) -> None:
    token = (await server.granted())["refresh_token"]
    server.events.full = True
    assert (await server.refresh(token)).status_code == 503
    server.events.full = False
    assert (await server.refresh(token)).status_code == 200


async def test_scopes_may_narrow_one_token_and_come_back(server: Replica) -> None:
    tokens = await server.granted()
    narrow = (await server.refresh(tokens["refresh_token"], scope="mail.read offline_access")).json()
    assert narrow["scope"] == "mail.read"
    caller = await server.tokens.verify(narrow["access_token"])
    assert caller is not None
    assert caller.scopes == ["mail.read"]
    assert not caller.session.allows("mail.write")
    assert (await server.refresh(narrow["refresh_token"])).json()["scope"] == "mail.read mail.write"


@pytest.mark.parametrize("scope", ["mail.read mail.send", "mail.send", "openid"])
async def test_scopes_never_widen(server: Replica, scope: str) -> None:
    tokens = await server.granted()
    assert (await server.refresh(tokens["refresh_token"], scope=scope)).json()["error"] == "invalid_scope"
    assert (await server.refresh(tokens["refresh_token"])).json()["scope"] == "mail.read mail.write"


async def test_a_widened_session_widens_its_tokens_but_no_narrowed_one(server: Replica) -> None:
    tokens = await server.granted(scope="mail.read mail.write")
    narrow = (await server.refresh(tokens["refresh_token"], scope="mail.read")).json()
    (session,) = await server.sessions.sessions_of(ALICE)
    await server.sessions.widen_session(ALICE, session.id, ("mail.send",))
    whole, narrowed = [await server.tokens.verify(answer["access_token"]) for answer in (tokens, narrow)]
    assert whole is not None
    assert narrowed is not None
    assert whole.scopes == ["mail.read", "mail.write", "mail.send"]
    assert narrowed.scopes == ["mail.read"]


async def test_a_refresh_token_of_another_client_is_refused(server: Replica) -> None:
    token = (await server.granted())["refresh_token"]
    assert (await server.refresh(token, client_id=OTHER.client_id)).json()["error"] == "invalid_grant"
    assert (await server.refresh(token)).status_code == 200


async def test_a_refresh_for_another_resource_is_refused(server: Replica, tmp_path: Path) -> None:
    token = (await server.granted())["refresh_token"]
    assert (await server.refresh(token, resource="https://other.example")).json()["error"] == "invalid_target"
    async with replica(tmp_path, url="https://elsewhere.example") as elsewhere:
        assert (await elsewhere.refresh(token)).json()["error"] == "invalid_grant"
    assert (await server.refresh(token)).status_code == 200


async def test_a_refresh_token_unused_for_ninety_days_is_refused(server: Replica) -> None:
    token = (await server.granted())["refresh_token"]
    server.clock.ahead_s = 89 * 86_400
    token = (await server.refresh(token)).json()["refresh_token"]
    server.clock.ahead_s += 91 * 86_400
    assert (await server.refresh(token)).json()["error"] == "invalid_grant"


async def test_no_refresh_prolongs_a_session_beyond_the_longest_time(tmp_path: Path) -> None:
    """A stolen token that is always refreshed would else be good for ever."""
    async with replica(tmp_path, session_lifetime=timedelta(days=1)) as server:
        tokens = await server.granted()
        server.clock.ahead_s = 86_400 - 600
        renewed = (await server.refresh(tokens["refresh_token"])).json()
        assert 590 <= renewed["expires_in"] <= 600
        server.clock.ahead_s = 86_401
        server.patience.ahead_s = 86_401
        assert (await server.refresh(renewed["refresh_token"])).json()["error"] == "invalid_grant"
        assert await server.tokens.verify(renewed["access_token"]) is None


async def test_a_client_that_refreshes_in_a_loop_is_stopped_for_a_while_and_keeps_its_session(
    server: Replica, second: Replica
) -> None:
    """From many addresses, and of one session: each time a token was stored and a line written."""
    tokens, others = await server.granted(), await server.granted()
    caller = await server.provider.load_access_token(tokens["access_token"])
    assert caller is not None
    await server.vault.increment_counter(f"refreshes of {caller.session.id}", window_s=60, by=59)
    refreshed = (await server.refresh(tokens["refresh_token"])).json()
    before = len(server.events.tags)
    for asked in (server, second):
        answer = await asked.refresh(refreshed["refresh_token"])
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
        assert answer.json()["error"] == "temporarily_unavailable"
    assert len(server.events.tags) == before
    assert (await server.refresh(others["refresh_token"])).status_code == 200
    assert await server.provider.load_access_token(refreshed["access_token"]) is not None


@pytest.mark.parametrize("token", ["guess", "g" * 43, "g" * 43 + "." + "g" * 43, "g" * 10_000, "ä.ö"])
async def test_a_guessed_refresh_token_is_refused_and_ends_no_grant(server: Replica, token: str) -> None:
    await server.granted()
    assert (await server.refresh(token)).json()["error"] == "invalid_grant"
    assert len(await server.sessions.sessions_of(ALICE)) == 1


@pytest.mark.parametrize("token", ["guess", "g" * 43, "g" * 10_000, "ä.ö", f"{'g' * 43}.{'g' * 43}.", f"{'g' * 43}."])
async def test_text_that_cannot_be_a_token_is_refused_without_asking_the_store(
    server: Replica, tmp_path: Path, token: str
) -> None:
    await server.lose_store(tmp_path)
    assert await server.tokens.load_refresh(token) is None


async def test_an_ended_session_and_an_erased_user_have_no_refresh_token(server: Replica) -> None:
    tokens = await server.granted()
    (session,) = await server.sessions.sessions_of(ALICE)
    await server.sessions.end_session(ALICE, session.id)
    assert (await server.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    tokens = await server.granted()
    await server.vault.erase_user(ALICE)
    assert (await server.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_user_who_may_no_longer_use_the_server_refreshes_nothing(server: Replica) -> None:
    tokens = await server.granted()
    server.admittance.refused.add(ALICE)
    assert (await server.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    server.admittance.refused.clear()
    assert (await server.refresh(tokens["refresh_token"])).status_code == 200
