"""Cursors of changes: up to where the changes of one folder were told, bound to one mailbox.

Graph's own state token stands in them, so no server has to keep it. It is not secret, but must not be altered or used
for another mailbox: a MAC stands before it, and the URL it is sent to is made anew.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass

import msgspec
from pydantic import SecretBytes

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.ids import FolderId
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey

_MAC_BYTES = 12
_LONGEST = 8192
_PURPOSE = "changes of a folder"


class ChangesCursor(msgspec.Struct, array_like=True, frozen=True):
    """`told_until` is when the changes before it were asked for, in Unix seconds.

    Watched is the mail that arrived at `window_start` or later, in the same unit. `token` is Graph's: with
    `is_in_round`, of the next page of a round that is not finished. `is_ready` is False until what was there at the
    beginning has been read.
    """

    folder: FolderId
    told_until: int
    window_start: int
    token: str
    is_in_round: bool = False
    is_ready: bool = True


@dataclass(frozen=True, slots=True)
class ChangesCursorFormat:
    """Writes and reads the cursors of one mailbox. `key` is the same on every server that shares the vault."""

    key: SecretBytes
    user: UserKey
    connection: ConnectionId | None

    def encode(self, cursor: ChangesCursor) -> str:
        """Made only of letters, digits, `-` and `_`."""
        payload = msgspec.msgpack.encode(cursor)
        return base64.urlsafe_b64encode(self._mac(payload) + payload).rstrip(b"=").decode("ascii")

    def decode(self, text: str) -> ChangesCursor:
        """Raises InvalidInput for a cursor that was altered in any way, and for one of another mailbox."""
        try:
            if len(text) > _LONGEST:
                raise ValueError("too long")
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _refusal() from None
        mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(payload)):
            raise _refusal()
        try:
            return msgspec.msgpack.decode(payload, type=ChangesCursor)
        except msgspec.DecodeError:
            # Written by another version of this server.
            raise _refusal() from None

    def _mac(self, payload: bytes) -> bytes:
        bound = msgspec.json.encode([_PURPOSE, self.user, self.connection])
        message = len(bound).to_bytes(4, "big") + bound + payload
        return hmac.digest(self.key.get_secret_value(), message, "sha256")[:_MAC_BYTES]


def _refusal() -> InvalidInput:
    return InvalidInput(
        "`since` is no cursor of this mailbox, or was copied wrong.",
        next_step="Copy it exactly, or leave `since` out to begin anew.",
    )
