"""Begun sign-ins in the vault: a callback may come to any server that shares it."""

from __future__ import annotations

import json

from pydantic import SecretStr

from outlook_mcp.errors import RecordBroken, Remedy
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.security_service import SignInSecrets
from outlook_mcp.oauth.sign_in.pending import LIFETIME_S, PendingSignIn
from outlook_mcp.vault.tickets import Tickets

PURPOSE = "sign_in"


class VaultPendingSignIns:
    """A `PendingSignInStore`."""

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets

    async def put(self, sign_in: PendingSignIn) -> None:
        await self._tickets.put(PURPOSE, SecretStr(sign_in.secrets.state), _to_bytes(sign_in), lifetime_s=LIFETIME_S)

    async def take(self, state: str) -> PendingSignIn | None:
        value = await self._tickets.take(PURPOSE, SecretStr(state))
        return None if value is None else _from_bytes(state, value)


def _to_bytes(sign_in: PendingSignIn) -> bytes:
    """Without the state, under which it is found."""
    fields = {
        "nonce": sign_in.secrets.nonce.get_secret_value(),
        "code_verifier": sign_in.secrets.code_verifier.get_secret_value(),
        "redirect_uri": sign_in.redirect_uri,
        "scopes": sign_in.scopes,
        "owner": _pair(sign_in.owner),
        "expected": _pair(sign_in.expected),
        "keep": sign_in.keep,
    }
    return json.dumps(fields, separators=(",", ":")).encode()


def _from_bytes(state: str, value: bytes) -> PendingSignIn:
    try:
        fields = json.loads(value)
        return PendingSignIn(
            SignInSecrets(state, SecretStr(fields["nonce"]), SecretStr(fields["code_verifier"])),
            fields["redirect_uri"],
            None if fields["scopes"] is None else tuple(fields["scopes"]),
            _key(fields["owner"]),
            _key(fields["expected"]),
            fields["keep"],
        )
    except (KeyError, TypeError, ValueError):
        raise RecordBroken("The stored sign-in cannot be read.", remedy=Remedy.START_SIGN_IN_AGAIN) from None


def _pair(user: UserKey | None) -> tuple[str, str] | None:
    return None if user is None else (user.tid, user.oid)


def _key(pair: list[str] | None) -> UserKey | None:
    return None if pair is None else UserKey(*pair)
