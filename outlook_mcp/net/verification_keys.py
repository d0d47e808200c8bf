"""An issuer's public keys: kept in memory, and fetched again when they are old or a new one appears."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from outlook_mcp.errors import OutlookError, SignInUnavailable
from outlook_mcp.net.clock import seconds_since_boot

# Fetched again after the first; believed, while the issuer is away, until the second.
FRESH_S = 3600.0
LIFETIME_S = 24 * 3600.0
# A forged key id must not make us fetch at every attempt.
REFETCH_AFTER_S = 60.0
RETRY_AFTER_S = 5.0
MOST_KEYS = 200
SMALLEST_RSA = 2048

_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_BY_CURVE = {
    "P-256": frozenset({"ES256"}),
    "P-384": frozenset({"ES384"}),
    "P-521": frozenset({"ES512"}),
    "Ed25519": frozenset({"EdDSA"}),
}
ALGORITHMS = frozenset().union(_RSA, *_BY_CURVE.values())


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """`key` is a public key of `cryptography`; `issuer` limits it to one issuer, None when the set does not say."""

    key: Any
    algorithms: frozenset[str]
    issuer: str | None


class VerificationKeys:
    """`fetch` gives the key set document (RFC 7517) of `peer`."""

    def __init__(
        self,
        peer: str,
        fetch: Callable[[], Awaitable[Mapping[str, Any]]],
        *,
        clock: Callable[[], float] = seconds_since_boot,
    ) -> None:
        self._peer = peer
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, VerificationKey] = {}
        self._fetched_at: float | None = None
        self._next_try = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, key_id: str) -> VerificationKey | None:
        """None when the issuer has no such key. Raises the error of `fetch` or SignInUnavailable when none is known."""
        key = self._keys.get(key_id)
        if key is not None and self._age() <= FRESH_S:
            return key
        async with self._lock:
            if self._is_due(key_id):
                await self._refill(key_id)
            return self._keys.get(key_id)

    def _is_due(self, key_id: str) -> bool:
        """Asked again under the lock: whoever held it before may have fetched."""
        return self._age() > (FRESH_S if key_id in self._keys else REFETCH_AFTER_S)

    async def _refill(self, key_id: str) -> None:
        try:
            keys = await self._fetched()
        except OutlookError:
            if key_id in self._keys and self._age() <= LIFETIME_S:
                return
            raise
        self._keys, self._fetched_at = keys, self._clock()

    async def _fetched(self) -> dict[str, VerificationKey]:
        if self._clock() < self._next_try:
            raise SignInUnavailable(f"The keys of {self._peer} could not be fetched a moment ago.")
        try:
            keys = _read_keys((await self._fetch()).get("keys"))
            if not keys:
                raise SignInUnavailable(f"{self._peer} published no key that can be used.")
        except OutlookError:
            self._next_try = self._clock() + RETRY_AFTER_S
            raise
        return keys

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self._clock() - self._fetched_at


def _read_keys(entries: object) -> dict[str, VerificationKey]:
    keys: dict[str, VerificationKey] = {}
    for entry in entries[:MOST_KEYS] if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("kid"), str) and (key := _read_key(entry)) is not None:
            keys.setdefault(entry["kid"], key)
    return keys


def _read_key(entry: Mapping[str, Any]) -> VerificationKey | None:
    """None for a key that signs nothing we would believe."""
    from jwt import PyJWK
    from jwt.exceptions import InvalidKeyError, PyJWKError

    algorithms = _RSA if entry.get("kty") == "RSA" else _BY_CURVE.get(str(entry.get("crv")), frozenset())
    if "alg" in entry:
        algorithms &= {str(entry["alg"])}
    if not algorithms or entry.get("use", "sig") != "sig" or "d" in entry:
        return None
    try:
        key = PyJWK(dict(entry), algorithm=min(algorithms)).key
    except (PyJWKError, InvalidKeyError, ValueError):
        return None
    if entry["kty"] == "RSA" and key.key_size < SMALLEST_RSA:
        return None
    issuer = entry.get("issuer")
    return VerificationKey(key, algorithms, issuer if isinstance(issuer, str) else None)
