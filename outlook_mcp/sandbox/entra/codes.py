"""Authorization codes and device codes between their issue and their redemption."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Literal

from outlook_mcp.sandbox.bounded import make_room
from outlook_mcp.sandbox.clock import Clock
from outlook_mcp.sandbox.directory import User
from outlook_mcp.sandbox.entra.base64url import base64url

CODE_LIFETIME_S = 600
DEVICE_LIFETIME_S = 900
DEVICE_INTERVAL_S = 5
# Of codes of each kind; beyond it expired ones are forgotten, then the oldest.
_LIMIT = 5_000
_USER_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class Challenge:
    """PKCE (RFC 7636)."""

    value: str
    method: Literal["S256", "plain"]

    def accepts(self, verifier: str) -> bool:
        if self.method == "plain":
            return hmac.compare_digest(self.value.encode(), verifier.encode())
        digest = base64url(hashlib.sha256(verifier.encode()).digest())
        return hmac.compare_digest(self.value.encode(), digest.encode())


@dataclass(slots=True)
class AuthorizationCode:
    """What a code was issued for; `scope` is as the app sent it, `expires` in seconds since 1970."""

    client_id: str
    user: User
    redirect_uri: str
    scope: str
    nonce: str | None
    challenge: Challenge | None
    expires: float
    redeemed: bool = False


@dataclass(slots=True)
class DeviceCode:
    """`user` is set once somebody signed in; `expires` is in seconds since 1970."""

    client_id: str
    scope: str
    user_code: str
    expires: float
    user: User | None = None
    declined: bool = False
    redeemed: bool = False


class Codes:
    """Both kinds of codes; a redeemed one is kept, so that its second use gets another refusal than an unknown code."""

    def __init__(self, clock: Clock, limit: int = _LIMIT) -> None:
        self._clock, self._limit = clock, limit
        self._authorization: dict[str, AuthorizationCode] = {}
        self._device: dict[str, DeviceCode] = {}

    def __len__(self) -> int:
        return len(self._authorization) + len(self._device)

    def expired(self, code: AuthorizationCode | DeviceCode) -> bool:
        return code.expires <= self._clock.now()

    def issue(
        self, client_id: str, user: User, redirect_uri: str, scope: str, nonce: str | None, pkce: Challenge | None
    ) -> str:
        make_room(self._authorization, self._limit, self.expired)
        value = f"1.{secrets.token_urlsafe(256)}"
        expires = self._clock.now() + CODE_LIFETIME_S
        self._authorization[value] = AuthorizationCode(client_id, user, redirect_uri, scope, nonce, pkce, expires)
        return value

    def find_code(self, value: str) -> AuthorizationCode | None:
        return self._authorization.get(value)

    def issue_device(self, client_id: str, scope: str) -> tuple[str, DeviceCode]:
        make_room(self._device, self._limit, self.expired)
        value = secrets.token_urlsafe(160)
        user_code = "".join(secrets.choice(_USER_CODE_LETTERS) for _ in range(9))
        self._device[value] = DeviceCode(client_id, scope, user_code, self._clock.now() + DEVICE_LIFETIME_S)
        return value, self._device[value]

    def find_device(self, value: str) -> DeviceCode | None:
        return self._device.get(value)

    def by_user_code(self, typed: str) -> DeviceCode | None:
        """The device code with this user code that has not expired and that nobody accepted or declined."""
        wanted = typed.strip().upper()
        return next(
            (
                code
                for code in self._device.values()
                if code.user_code == wanted and code.user is None and not code.declined and not self.expired(code)
            ),
            None,
        )

    def clear(self) -> None:
        self._authorization.clear()
        self._device.clear()
