"""The state of Entra ID: directory, keys, codes and tokens."""

from __future__ import annotations

import json
import secrets
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import SecretStr

from outlook_mcp.sandbox.access_tokens import AccessTokens
from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.clock import Clock
from outlook_mcp.sandbox.directory import CONSUMERS, USERS, Directory, User
from outlook_mcp.sandbox.entra.base64url import base64url
from outlook_mcp.sandbox.entra.codes import Codes
from outlook_mcp.sandbox.entra.keys import SigningKeys
from outlook_mcp.sandbox.entra.scopes import GRAPH
from outlook_mcp.sandbox.refresh_tokens import RefreshTokens

# Seconds, between which Entra ID chooses at random; the long ones are for tokens that a claims challenge can end.
_LIFETIMES_S = (60 * 60, 90 * 60)
_CAE_LIFETIMES_S = (20 * 3600, 28 * 3600)


class Entra:
    """Directory, keys and tokens; `rotate_refresh_tokens` is the strict mode, `token_lifetime_s` None the usual one.

    `identity_header` is what IDENTITY_HEADER holds on a machine with the managed identity.
    """

    def __init__(
        self,
        database: sqlite3.Connection,
        clock: Clock,
        *,
        token_lifetime_s: int | None = None,
        rotate_refresh_tokens: bool = False,
        users: Sequence[User] = USERS,
    ) -> None:
        self.clock = clock
        self.token_lifetime_s = token_lifetime_s
        self.rotate_refresh_tokens = rotate_refresh_tokens
        self.directory = Directory(database, users)
        self.keys = SigningKeys()
        self.codes = Codes(clock)
        self.access_tokens = AccessTokens(clock)
        self.refresh_tokens = RefreshTokens(database, clock)
        self.identity_header = SecretStr(secrets.token_hex(16).upper())

    def lifetime_s(self, *, cae: bool = False) -> int:
        """How long a new access token lives; `cae` when its client understands claims challenges."""
        if self.token_lifetime_s is not None:
            return self.token_lifetime_s
        shortest, longest = _CAE_LIFETIMES_S if cae else _LIFETIMES_S
        return shortest + secrets.randbelow(longest - shortest + 1)

    def graph_token(self, caller: Caller, *, lifetime_s: float | None = None, cae: bool = False) -> str:
        """Issue an access token for Graph, opaque to clients; that of a personal account is no JWT, as in reality."""
        lifetime = self.lifetime_s(cae=cae) if lifetime_s is None else lifetime_s
        now = int(self.clock.now())
        header = {"typ": "JWT", "nonce": secrets.token_urlsafe(32), "alg": "RS256", "kid": self.keys.kid}
        claims: dict[str, Any] = {
            "aud": GRAPH,
            "iss": f"https://sts.windows.net/{caller.tid}/",
            "iat": now,
            "nbf": now,
            "exp": now + int(lifetime),
            "appid": caller.app,
            "idtyp": "user" if caller.oid else "app",
            "tid": caller.tid,
            "uti": secrets.token_urlsafe(16),
            "ver": "1.0",
        }
        if caller.oid:
            scp = " ".join(sorted(caller.scopes))
            claims |= {"oid": caller.oid, "upn": caller.upn, "unique_name": caller.upn, "scp": scp}
        if cae:
            claims["xms_cc"] = ["CP1"]
        value = ".".join([_segment(header), _segment(claims), secrets.token_urlsafe(256)])
        if caller.tid == CONSUMERS.tid:
            value = f"EwB4{secrets.token_urlsafe(700)}"
        self.access_tokens.add_token(value, caller, lifetime_s=lifetime, cae=cae)
        return value

    def caller_of(self, fields: Mapping[str, str]) -> Caller | None:
        """The user and app of a request to Entra, as far as its fields tell."""
        user, client_id = self._user_of(fields), fields.get("client_id", "")
        if user is None and not client_id:
            return None
        tid, oid, upn = (user.tid, user.oid, user.upn) if user else ("", "", "")
        return Caller(tid, oid, upn, frozenset(), _guid_or_empty(client_id))

    def reset(self) -> None:
        self.directory.reset()
        self.codes.clear()
        self.access_tokens.clear()
        self.refresh_tokens.clear()

    def _user_of(self, fields: Mapping[str, str]) -> User | None:
        if refresh := self.refresh_tokens.find_token(fields.get("refresh_token", "")):
            return self.directory.user(refresh.oid)
        if code := self.codes.find_code(fields.get("code", "")):
            return code.user
        if device := self.codes.find_device(fields.get("device_code", "")):
            return device.user
        return self.directory.user(fields.get("user") or fields.get("login_hint", ""))


def _guid_or_empty(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""


def _segment(value: dict[str, Any]) -> str:
    return base64url(json.dumps(value, separators=(",", ":")).encode())
