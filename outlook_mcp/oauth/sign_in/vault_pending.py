"""Started sign-ins in the vault, so that the callback may come to any server that shares it."""

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

    async def store_sign_in(self, sign_in: PendingSignIn) -> None:
        await self._tickets.put_ticket(
            PURPOSE, SecretStr(sign_in.secrets.state), _to_bytes(sign_in), lifetime_s=LIFETIME_S
        )

    async def take_sign_in(self, state: str) -> PendingSignIn | None:
        value = await self._tickets.take_ticket(PURPOSE, SecretStr(state))
        return None if value is None else _from_bytes(state, value)


def _to_bytes(sign_in: PendingSignIn) -> bytes:
    """All but the state, which is the key of the record."""
    fields = {
        "nonce": sign_in.secrets.nonce.get_secret_value(),
        "code_verifier": sign_in.secrets.code_verifier.get_secret_value(),
        "redirect_uri": sign_in.redirect_uri,
        "scopes": sign_in.scopes,
        "owner": _ids(sign_in.owner),
        "expected": _ids(sign_in.expected),
        "connects": sign_in.connects,
    }
    return json.dumps(fields, separators=(",", ":")).encode()


def _from_bytes(state: str, value: bytes) -> PendingSignIn:
    try:
        fields = json.loads(value)
        return PendingSignIn(
            SignInSecrets(state, SecretStr(fields["nonce"]), SecretStr(fields["code_verifier"])),
            fields["redirect_uri"],
            None if fields["scopes"] is None else tuple(fields["scopes"]),
            _user(fields["owner"]),
            _user(fields["expected"]),
            fields["connects"],
        )
    except (KeyError, TypeError, ValueError):
        raise RecordBroken("The stored sign-in cannot be read.", remedy=Remedy.START_SIGN_IN_AGAIN) from None


def _ids(user: UserKey | None) -> tuple[str, str] | None:
    return None if user is None else (user.tid, user.oid)


def _user(ids: list[str] | None) -> UserKey | None:
    return None if ids is None else UserKey(*ids)
