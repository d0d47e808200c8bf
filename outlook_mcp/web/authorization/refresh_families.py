"""Families of refresh tokens: `<family handle>.<secret>`, of which every use replaces the secret.

The next token is derived from the presented one with a key of the vault. So a client that sends the same token twice,
from two processes or after a lost answer, gets the same next token both times, and no token is ever stored. One record
per family knows the present and the previous token by their digests; an older one has been used by somebody else
before, which ends the session (RFC 9700, 4.14.2).
"""

from __future__ import annotations

import base64
import re
import secrets
from enum import Enum
from typing import ClassVar

from pydantic import SecretStr

from outlook_mcp.identity.session import IDLE, Session
from outlook_mcp.identity.user import UserKey
from outlook_mcp.web.authorization.grant_records import GrantRecord, GrantRecords

# How long after its replacement the previous token still gets its successor.
REPEATABLE_S = 60.0
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}")


class RefreshRecord(GrantRecord):
    """A family of refresh tokens, by the digest of its handle; `present` is the digest of its valid token.

    `previous` is the digest of the token before, which was replaced at `replaced_at` (Unix time in seconds).
    """

    kind: ClassVar[str] = "refresh_token"

    user: UserKey
    session_id: str
    resource: str
    present: str
    previous: str = ""
    replaced_at: float = 0.0


class TokenUse(Enum):
    """`FIRST`: the valid token; `REPEATED`: the previous one, a short time after its use; `LATER`: any other."""

    FIRST = "first"
    REPEATED = "repeated"
    LATER = "later"


class RefreshFamilies:
    """The families of all sessions at one `resource`."""

    def __init__(self, resource: str, records: GrantRecords) -> None:
        self._resource = resource
        self._records = records

    async def start_family(self, session: Session, user: UserKey) -> str:
        """The first refresh token of a new session."""
        token = f"{secrets.token_urlsafe(32)}.{secrets.token_urlsafe(32)}"
        record = RefreshRecord(
            user=user,
            session_id=session.id,
            resource=self._resource,
            present=self._digest(token),
            expires_at=self._unused_until(),
        )
        await self._records.create_record(_handle(token), record)
        return token

    async def find_family(self, token: str) -> RefreshRecord | None:
        """The family of the token, which may be valid or used; None when it is unknown or for another resource."""
        if not _TOKEN.fullmatch(token):
            return None
        record = await self._records.read_record(RefreshRecord, _handle(token))
        return None if record is None or record.resource != self._resource else record

    def use_of(self, token: str, record: RefreshRecord) -> TokenUse:
        """What presenting the token now means for its family."""
        if self._records.matches(RefreshRecord, SecretStr(token), record.present):
            return TokenUse.FIRST
        is_previous = self._records.matches(RefreshRecord, SecretStr(token), record.previous)
        # A time ahead is that of a server with another clock: on one that is behind the minute would last longer.
        is_recent = abs(self._records.now() - record.replaced_at) < REPEATABLE_S
        return TokenUse.REPEATED if is_previous and is_recent else TokenUse.LATER

    def successor_of(self, token: str) -> str:
        """The token that replaces this one: the same on every server, and unknown to whoever lacks the vault's key."""
        derived = bytes.fromhex(
            self._records.derived_secret("refresh token after", SecretStr(token)).get_secret_value()
        )
        secret = base64.urlsafe_b64encode(derived).decode().rstrip("=")
        return f"{_handle(token).get_secret_value()}.{secret}"

    async def use_token(self, token: str) -> TokenUse:
        """Replaces the token by its successor if it is the valid one; `LATER` also when the family is gone."""
        use = TokenUse.LATER

        def replaced(record: RefreshRecord | None) -> RefreshRecord | None:
            nonlocal use
            use = TokenUse.LATER if record is None else self.use_of(token, record)
            if record is None or use is not TokenUse.FIRST:
                return None
            return record.model_copy(
                update={
                    "present": self._digest(self.successor_of(token)),
                    "previous": record.present,
                    "replaced_at": self._records.now(),
                    "expires_at": self._unused_until(),
                }
            )

        await self._records.change_record(RefreshRecord, _handle(token), replaced)
        return use

    def _digest(self, token: str) -> str:
        return self._records.digest(RefreshRecord, SecretStr(token))

    def _unused_until(self) -> float:
        return self._records.now() + IDLE.total_seconds()


def _handle(token: str) -> SecretStr:
    return SecretStr(token.partition(".")[0])
