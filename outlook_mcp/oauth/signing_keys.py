"""Entra's public signing keys, kept in memory and fetched again when a new key appears."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from outlook_mcp.errors import SignInRefused, SignInUnavailable
from outlook_mcp.oauth.clock import seconds_since_boot

if TYPE_CHECKING:
    from jwt import PyJWK

# Entra rolls keys over without notice; a forged key id must not make us fetch at every attempt.
LIFETIME_S = 24 * 3600.0
REFETCH_AFTER_S = 60.0
MOST_KEYS = 200


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`issuer` limits the key to one issuer, possibly with `{tenantid}` in it; None when the set does not say."""

    key: PyJWK
    issuer: str | None


class SigningKeys:
    """`fetch` gives the key set document (RFC 7517)."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Mapping[str, Any]]],
        *,
        clock: Callable[[], float] = seconds_since_boot,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, SigningKey] = {}
        self._fetched_at: float | None = None
        self._lock = asyncio.Lock()

    async def find(self, key_id: str) -> SigningKey:
        """Raises SignInRefused when Entra has no such key, SignInUnavailable when the keys cannot be fetched."""
        async with self._lock:
            age = None if self._fetched_at is None else self._clock() - self._fetched_at
            key = self._keys.get(key_id)
            if age is None or age > LIFETIME_S or (key is None and age > REFETCH_AFTER_S):
                await self._refill()
                key = self._keys.get(key_id)
        if key is None:
            raise SignInRefused("The id token is signed with a key that Entra ID does not publish.")
        return key

    async def _refill(self) -> None:
        document = await self._fetch()
        keys = _read_keys(document.get("keys"))
        if not keys:
            raise SignInUnavailable("Entra ID published no signing key that can be used.")
        self._keys, self._fetched_at = keys, self._clock()


def _read_keys(entries: object) -> dict[str, SigningKey]:
    from jwt import PyJWK
    from jwt.exceptions import InvalidKeyError, PyJWKError

    keys: dict[str, SigningKey] = {}
    for entry in entries[:MOST_KEYS] if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or entry.get("kty") != "RSA" or entry.get("use", "sig") != "sig":
            continue
        key_id, issuer = entry.get("kid"), entry.get("issuer")
        if not isinstance(key_id, str):
            continue
        try:
            key = PyJWK(entry, algorithm="RS256")
        except (PyJWKError, InvalidKeyError, ValueError):
            continue
        keys[key_id] = SigningKey(key, issuer if isinstance(issuer, str) else None)
    return keys
