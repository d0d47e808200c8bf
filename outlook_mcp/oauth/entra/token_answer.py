"""The answer of Entra's token endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from outlook_mcp.errors import SignInUnavailable

LONGEST_TOKEN = 64 * 1024
LONGEST_LIFETIME_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """Tokens as received. `expires_in_s` and `refresh_in_s` count from the answer; `scopes` are those granted."""

    access_token: SecretStr
    refresh_token: SecretStr | None
    id_token: SecretStr | None
    expires_in_s: int
    refresh_in_s: int | None
    scopes: tuple[str, ...]


def read_token_answer(body: Mapping[str, Any]) -> TokenAnswer:
    """Raises SignInUnavailable when the body is not a token answer (RFC 6749 section 5.1)."""
    access_token = _secret(body, "access_token")
    expires_in = _seconds(body.get("expires_in"))
    if access_token is None or expires_in is None or str(body.get("token_type", "")).lower() != "bearer":
        raise _unreadable()
    return TokenAnswer(
        access_token=access_token,
        refresh_token=_secret(body, "refresh_token"),
        id_token=_secret(body, "id_token"),
        expires_in_s=expires_in,
        refresh_in_s=_seconds(body.get("refresh_in")),
        scopes=tuple(str(body.get("scope") or "").split()),
    )


def _secret(body: Mapping[str, Any], name: str) -> SecretStr | None:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        return None
    if len(value) > LONGEST_TOKEN:
        raise SignInUnavailable("The token answer of Entra ID was too large.")
    if not (value.isascii() and value.isprintable()):
        # RFC 6749, appendix A; no header could hold it.
        raise _unreadable()
    return SecretStr(value)


def _unreadable() -> SignInUnavailable:
    return SignInUnavailable("The token answer of Entra ID could not be read.")


def _seconds(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) < 12:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        return None
    return min(value, LONGEST_LIFETIME_S)
