"""Codes with which a caller confirms a change that was shown to the user first.

There are two kinds, which look alike. A code of this module is made of the facts that were shown, and nothing is kept:
it fits while they are the same. A change of up to 1,000 messages is confirmed for exactly those that were shown,
whatever has come since, so `bulk.selections` keeps their list in the vault under a random code, which works once.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from dataclasses import dataclass

from pydantic import SecretBytes

from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import UnixClock, unix_time

_PERIOD_S = 300
# A code is accepted in the period in which it was made and in the two after it: for 10 to 15 minutes.
_PERIODS = 3
# 40 bits, eight letters in base 32.
_CODE_BYTES = 5


@dataclass(frozen=True, slots=True)
class Confirmations:
    """Makes and compares codes for one mailbox. `key` is the same on every server that shares the vault.

    A code holds nothing: it is made of the facts that were shown, so it fits only while they are the same.
    """

    key: SecretBytes
    user: UserKey
    connection: ConnectionId | None
    clock: UnixClock = unix_time

    def code_for(self, *facts: object) -> str:
        """Eight letters and digits for what can be written as JSON."""
        return self._code(facts, self._period())

    def confirms(self, code: str | None, *facts: object) -> bool:
        """Whether `code` was made of the same facts in the last 10 minutes; compared in constant time."""
        given = (code or "").strip().lower().encode()
        now = self._period()
        made = [self._code(facts, now - age).encode() for age in range(_PERIODS)]
        return any(hmac.compare_digest(given, expected) for expected in made)

    def _period(self) -> int:
        return int(self.clock() // _PERIOD_S)

    def _code(self, facts: tuple[object, ...], period: int) -> str:
        says = ["confirmation", self.user.tid, self.user.oid, self.connection, period, facts]
        digest = hmac.digest(self.key.get_secret_value(), json.dumps(says).encode(), "sha256")
        return _code_of(digest)


def random_code() -> str:
    """Eight letters and digits that nobody can guess."""
    return _code_of(secrets.token_bytes(_CODE_BYTES))


def _code_of(raw: bytes) -> str:
    return base64.b32encode(raw[:_CODE_BYTES]).decode("ascii").lower()
