"""The public keys of an issuer (JWK set, RFC 7517): cached, and fetched again when they are old or one is missing.

Loads PyJWT, which takes 100 ms: import this module only where a token is about to be verified.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import anyio
from jwt import PyJWK
from jwt.exceptions import InvalidKeyError, PyJWKError

from outlook_mcp.errors import OutlookError, SignInUnavailable
from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot

# Keys are fetched again when they are this old; while the issuer cannot be reached they are used for LIFETIME_S.
FRESH_S = 3600.0
LIFETIME_S = 24 * 3600.0
# An unknown key id makes us fetch the keys at most this often: anybody can send a token with a forged key id.
REFETCH_AFTER_S = 60.0
# After a failed fetch.
RETRY_AFTER_S = 5.0
MOST_KEYS = 200
# Bits.
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
    """`key` is a public key of `cryptography`, and `algorithms` are the JWS algorithms it may verify.

    `issuer` is the only issuer whose tokens it may verify, where the key set says so (Entra ID does), else None.
    """

    key: Any
    algorithms: frozenset[str]
    issuer: str | None


class VerificationKeys:
    """The keys of one issuer, which errors call `peer`; `fetch` returns its JWK set and may raise OutlookError."""

    def __init__(
        self,
        peer: str,
        fetch: Callable[[], Awaitable[Mapping[str, Any]]],
        *,
        clock: MonotonicClock = seconds_since_boot,
    ) -> None:
        self._peer = peer
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, VerificationKey] = {}
        self._fetched_at: float | None = None
        self._retry_at = float("-inf")
        self._lock = anyio.Lock()

    async def find_key(self, key_id: str) -> VerificationKey | None:
        """The key of this id, None when the issuer publishes no such key.

        Raises the error of `fetch`, or SignInUnavailable, when the keys must be fetched and cannot be.
        """
        key = self._keys.get(key_id)
        if key is not None and self._age() <= FRESH_S:
            return key
        async with self._lock:
            if self._is_due(key_id):
                await self._refresh(key_id)
            return self._keys.get(key_id)

    def _is_due(self, key_id: str) -> bool:
        """Whether to fetch now. Asked while the lock is held: the task that held it before may have fetched."""
        return self._age() > (FRESH_S if key_id in self._keys else REFETCH_AFTER_S)

    async def _refresh(self, key_id: str) -> None:
        try:
            keys = await self._fetched()
        except OutlookError:
            if key_id in self._keys and self._age() <= LIFETIME_S:
                return
            raise
        self._keys, self._fetched_at = keys, self._clock()

    async def _fetched(self) -> dict[str, VerificationKey]:
        if self._clock() < self._retry_at:
            raise SignInUnavailable(f"The keys of {self._peer} could not be fetched a few seconds ago.")
        try:
            keys = _read_keys((await self._fetch()).get("keys"))
            if not keys:
                raise SignInUnavailable(f"{self._peer} published no key that can be used.")
        except OutlookError:
            self._retry_at = self._clock() + RETRY_AFTER_S
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
    """None for a key that cannot verify signatures, is private, or is too weak."""
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
