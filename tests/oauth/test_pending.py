"""A begun sign-in comes back once, in time, or never."""

from __future__ import annotations

from pydantic import SecretStr

from outlook_mcp.oauth.pending import LIFETIME_S, MOST_PENDING, PendingSignIn, PendingSignIns
from outlook_mcp.oauth.security_service import SignInSecrets


def _pending(state: str) -> PendingSignIn:
    return PendingSignIn(
        SignInSecrets(state, SecretStr("n"), SecretStr("v")), "http://localhost/callback", None, None, None
    )


async def test_a_state_is_good_once() -> None:
    pending = PendingSignIns()
    await pending.put(_pending("a"))
    assert await pending.take("b") is None
    assert await pending.take("a") == _pending("a")
    assert await pending.take("a") is None


async def test_a_state_is_good_for_ten_minutes() -> None:
    now = [0.0]
    pending = PendingSignIns(clock=lambda: now[0])
    await pending.put(_pending("a"))
    await pending.put(_pending("b"))
    now[0] = LIFETIME_S - 1
    assert await pending.take("a") is not None
    now[0] = LIFETIME_S
    assert await pending.take("b") is None


async def test_the_oldest_give_way_when_there_are_too_many() -> None:
    pending = PendingSignIns()
    for number in range(MOST_PENDING + 1):
        await pending.put(_pending(str(number)))
    assert await pending.take("0") is None
    assert await pending.take("1") is not None
    assert await pending.take(str(MOST_PENDING)) is not None
