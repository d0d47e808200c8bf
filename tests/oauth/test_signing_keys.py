"""Signing keys are kept, and fetched again when a new one appears."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from outlook_mcp.errors import SignInRefused, SignInUnavailable
from outlook_mcp.oauth.signing_keys import LIFETIME_S, REFETCH_AFTER_S, SigningKeys

PUBLIC = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(generate_private_key(65537, 2048).public_key()))


class _Publisher:
    """Publishes keys with these ids and counts how often it is asked; `now` is the reader's clock."""

    def __init__(self, *key_ids: str) -> None:
        self.key_ids = list(key_ids)
        self.asked = 0
        self.now = 1000.0
        self.keys = SigningKeys(self.fetch, clock=lambda: self.now)

    async def fetch(self) -> Mapping[str, Any]:
        self.asked += 1
        return {"keys": [PUBLIC | {"kid": key_id} for key_id in self.key_ids]}


async def test_keys_are_fetched_once_a_day() -> None:
    publisher = _Publisher("a", "b")
    for key_id in ("a", "b", "a"):
        await publisher.keys.find(key_id)
    assert publisher.asked == 1
    publisher.now += LIFETIME_S + 1
    await publisher.keys.find("a")
    assert publisher.asked == 2


async def test_a_new_key_is_found_after_a_rollover() -> None:
    publisher = _Publisher("a")
    await publisher.keys.find("a")
    publisher.key_ids.append("b")
    publisher.now += REFETCH_AFTER_S + 1
    await publisher.keys.find("b")
    assert publisher.asked == 2


async def test_forged_key_ids_do_not_make_us_ask_each_time() -> None:
    publisher = _Publisher("a")
    for number in range(100):
        with pytest.raises(SignInRefused):
            await publisher.keys.find(f"forged {number}")
    assert publisher.asked == 1


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"keys": None},
        {"keys": []},
        {"keys": ["x", {"kty": "oct", "k": "c2VjcmV0", "kid": "a"}, {"kty": "RSA", "kid": "a"}]},
        {"keys": [PUBLIC | {"kid": "a", "use": "enc"}, PUBLIC]},
    ],
)
async def test_a_set_without_a_usable_key_is_no_set(document: dict[str, Any]) -> None:
    async def fetch() -> Mapping[str, Any]:
        return document

    with pytest.raises(SignInUnavailable):
        await SigningKeys(fetch).find("a")
