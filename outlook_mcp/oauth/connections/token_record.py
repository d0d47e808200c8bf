"""The stored tokens of a connection, and how long they last."""

from __future__ import annotations

import json
import random
import secrets
from dataclasses import dataclass, replace
from typing import Self

from pydantic import SecretStr

from outlook_mcp.errors import RecordBroken, Remedy
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.entra.token_answer import TokenAnswer
from outlook_mcp.vault.records import RecordKey

KIND = "token"
MARK_KIND = "refresh_mark"
FORMAT = 1

# Entra's access tokens last 60 to 90 minutes. Of those that last less than 30 minutes the times below are scaled down.
_FULL_LIFETIME_S = 1800
_EARLY_S = (300, 600)
_SPARE_S = 60


def token_key(owner: UserKey, connection: ConnectionId) -> RecordKey:
    """Where the vault keeps the tokens of a connection."""
    return RecordKey(owner, KIND, connection)


def refresh_mark_key(owner: UserKey, connection: ConnectionId) -> RecordKey:
    """Where the vault notes that the refresh token of a connection is being used."""
    return RecordKey(owner, MARK_KIND, connection)


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """The tokens for `mailbox`. `scopes` are the Graph permissions that they were asked for.

    `received_at` is Unix time in seconds. `previous_refresh_token` is the one before the last refresh. `sign_in` is the
    same from a sign-in to the next one; "" in records of older servers.
    """

    mailbox: UserKey
    refresh_token: SecretStr
    previous_refresh_token: SecretStr | None
    access_token: SecretStr
    received_at: float
    expires_in_s: int
    refresh_in_s: int | None
    scopes: tuple[str, ...]
    sign_in: str = ""

    @property
    def revocable_name(self) -> str:
        """By which the vault remembers that the mailbox was disconnected; "" when it cannot."""
        return f"tokens {self.sign_in}" if self.sign_in else ""

    @classmethod
    def first(
        cls, mailbox: UserKey, answer: TokenAnswer, refresh_token: SecretStr, scopes: tuple[str, ...], now: float
    ) -> Self:
        """The record after a sign-in at Unix time `now`."""
        times = now, answer.expires_in_s, answer.refresh_in_s
        return cls(mailbox, refresh_token, None, answer.access_token, *times, scopes, secrets.token_hex(16))

    def refreshed(self, answer: TokenAnswer, now: float) -> TokenRecord:
        """The record after a refresh at Unix time `now`."""
        rotated = answer.refresh_token is not None and answer.refresh_token != self.refresh_token
        return replace(
            self,
            refresh_token=answer.refresh_token or self.refresh_token,
            previous_refresh_token=self.refresh_token if rotated else self.previous_refresh_token,
            access_token=answer.access_token,
            received_at=now,
            expires_in_s=answer.expires_in_s,
            refresh_in_s=answer.refresh_in_s,
        )

    def seconds_left(self, now: float) -> float:
        """How long the access token is still valid at Unix time `now`; 0 when `now` is before it was received."""
        age = now - self.received_at
        return max(0.0, self.expires_in_s - age) if age >= 0 else 0.0

    def to_bytes(self) -> bytes:
        """JSON, for the vault."""
        previous = self.previous_refresh_token
        fields = {
            "format": FORMAT,
            "tid": self.mailbox.tid,
            "oid": self.mailbox.oid,
            "refresh_token": self.refresh_token.get_secret_value(),
            "previous_refresh_token": None if previous is None else previous.get_secret_value(),
            "access_token": self.access_token.get_secret_value(),
            "received_at": self.received_at,
            "expires_in_s": self.expires_in_s,
            "refresh_in_s": self.refresh_in_s,
            "scopes": self.scopes,
            **({"sign_in": self.sign_in} if self.sign_in else {}),
        }
        return json.dumps(fields, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, value: bytes) -> Self:
        """Raises RecordBroken when the record has another format."""
        try:
            fields = json.loads(value)
            if fields["format"] != FORMAT:
                raise RecordBroken(
                    "The stored tokens were written by a newer outlook-mcp.", remedy=Remedy.UPDATE_SERVER
                )
            previous = fields["previous_refresh_token"]
            return cls(
                UserKey(fields["tid"], fields["oid"]),
                SecretStr(fields["refresh_token"]),
                None if previous is None else SecretStr(previous),
                SecretStr(fields["access_token"]),
                float(fields["received_at"]),
                int(fields["expires_in_s"]),
                fields["refresh_in_s"],
                tuple(fields["scopes"]),
                str(fields.get("sign_in", "")),
            )
        except (KeyError, TypeError, ValueError):
            raise RecordBroken("The stored tokens cannot be read.") from None


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Seconds from receipt until a refresh is due, and until the token is no longer used."""

    refresh_after_s: float
    usable_s: float


def lifetime_of(record: TokenRecord) -> Lifetime:
    """A refresh is due 5 to 10 minutes before the token expires, or earlier when Entra says so (`refresh_in`).

    When exactly is random, so that many users do not refresh at once.
    """
    scale = min(1.0, record.expires_in_s / _FULL_LIFETIME_S)
    due = record.expires_in_s - scale * random.uniform(*_EARLY_S)  # noqa: S311 spreading load needs no secrecy
    if record.refresh_in_s is not None:
        due = min(due, float(record.refresh_in_s))
    return Lifetime(due, record.expires_in_s - scale * _SPARE_S)
