"""Keys are fetched when they must be, and a flood of forged tokens fetches nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from outlook_mcp.errors import SignInUnavailable
from outlook_mcp.net.verification_keys import VerificationKeys
from tests.rsa_keys import KEY


def _public(key: RSAPrivateKey) -> dict[str, Any]:
    return dict(json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())))


PUBLIC = _public(KEY)
PRIVATE = dict(json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY)))
WEAK = _public(generate_private_key(65537, 1024))


class KeySet:
    """Counts how often it is asked; `is_down` makes it fail."""

    def __init__(self) -> None:
        self.now, self.asked, self.is_down = 1000.0, 0, False
        self.entries: list[Any] = [PUBLIC | {"kid": "one"}]
        self.keys = VerificationKeys("idp.example", self.fetch, clock=lambda: self.now)

    async def fetch(self) -> Mapping[str, Any]:
        self.asked += 1
        await asyncio.sleep(0)
        if self.is_down:
            raise SignInUnavailable("down")
        return {"keys": self.entries}


async def test_many_callers_fetch_once() -> None:
    known = KeySet()
    assert all(await asyncio.gather(*(known.keys.find_key("one") for _ in range(20))))
    assert known.asked == 1


async def test_forged_key_ids_fetch_once_a_minute() -> None:
    known = KeySet()
    for number in range(50):
        assert await known.keys.find_key(f"forged {number}") is None
    assert known.asked == 1
    known.now += 61
    assert await known.keys.find_key("forged") is None
    assert known.asked == 2


async def test_a_new_key_is_found_after_a_minute_at_most() -> None:
    known = KeySet()
    await known.keys.find_key("one")
    known.entries.append(PUBLIC | {"kid": "two"})
    assert await known.keys.find_key("two") is None
    known.now += 61
    assert await known.keys.find_key("two") is not None


async def test_a_withdrawn_key_is_forgotten_within_the_hour() -> None:
    known = KeySet()
    assert await known.keys.find_key("one") is not None
    known.entries = [PUBLIC | {"kid": "two"}]
    known.now += 3601
    assert await known.keys.find_key("one") is None


async def test_known_keys_serve_while_the_issuer_is_away_but_not_for_ever() -> None:
    known = KeySet()
    await known.keys.find_key("one")
    known.is_down = True
    known.now += 7200
    assert await known.keys.find_key("one") is not None
    with pytest.raises(SignInUnavailable):
        await known.keys.find_key("two")
    known.now += 24 * 3600
    with pytest.raises(SignInUnavailable):
        await known.keys.find_key("one")


async def test_an_issuer_out_of_reach_is_asked_every_five_seconds_at_most() -> None:
    known = KeySet()
    known.is_down = True
    for _ in range(10):
        with pytest.raises(SignInUnavailable):
            await known.keys.find_key("one")
    assert known.asked == 1
    known.now, known.is_down = known.now + 5, False
    assert await known.keys.find_key("one") is not None


@pytest.mark.parametrize(
    "entries",
    [
        None,
        [],
        ["x", {"kty": "oct", "k": "c2VjcmV0", "kid": "one"}, {"kty": "RSA", "kid": "one"}],
        [PUBLIC],
        [PUBLIC | {"kid": "one", "use": "enc"}],
        [PUBLIC | {"kid": "one", "alg": "HS256"}],
        [PRIVATE | {"kid": "one"}],
        [WEAK | {"kid": "one"}],
    ],
    ids=["none", "empty", "unreadable", "nameless", "for encryption", "of another algorithm", "private", "weak"],
)
async def test_a_set_without_a_usable_key_is_no_set(entries: Any) -> None:
    known = KeySet()
    known.entries = entries
    with pytest.raises(SignInUnavailable, match=r"idp\.example"):
        await known.keys.find_key("one")
