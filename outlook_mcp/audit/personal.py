"""Personal fields of a record, such as an address: sealed under a key of their user, which `users erase` destroys.

The MAC of a line covers the sealed form, so the chain verifies without opening anything and after the key is gone.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Protocol

from outlook_mcp.audit.chain import Detail, Link, checked_fields
from outlook_mcp.errors import RecordBroken
from outlook_mcp.identity.user import UserKey

MAX_PERSONAL = 8
Personal = Mapping[str, Detail]
_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


class PersonalKey(Protocol):
    """The key of one user, in memory: sealing needs no I/O and does not fail."""

    def seal_fields(self, after: Link, fields: bytes) -> bytes:
        """The fields, readable again only for this user and in the record that follows `after`."""


class PersonalKeys(Protocol):
    """Where the keys of all users come from. Every error is a VaultError."""

    async def sealing_key(self, user: UserKey) -> PersonalKey:
        """Returned without waiting when it was used a short while ago.

        Raises StoreUnavailable when it must be looked up and cannot be, and GenerationConflict when the user was
        erased a short while ago.
        """

    async def open_fields(self, user: UserKey, after: Link, sealed: bytes) -> bytes | None:
        """The fields; None when the key that sealed them is gone. Raises RecordBroken when they were altered."""


def encode_fields(personal: Personal) -> bytes:
    """As JSON. Raises ValueError or TypeError for what `checked_fields` refuses."""
    fields = checked_fields(personal, most=MAX_PERSONAL)
    return _JSON.encode(fields).encode("utf-8", "replace")


def sealing(key: PersonalKey, text: bytes) -> Callable[[Link], str]:
    """What makes the sealed field of a line, in base64, once it is known which link the line follows."""

    def seal(after: Link) -> str:
        return base64.b64encode(key.seal_fields(after, text)).decode()

    return seal


async def open_fields(keys: PersonalKeys, record: Mapping[str, object]) -> dict[str, object] | None:
    """See AuditLog.open_personal."""
    if "sealed" not in record:
        return {}
    try:
        tid, _, oid = str(record["user"]).partition(":")
        after = Link(int(str(record["seq"])) - 1, str(record["prev"]))
        sealed = base64.b64decode(str(record["sealed"]), validate=True)
    except (KeyError, ValueError, binascii.Error):
        raise RecordBroken("The personal fields of an audit record were altered.") from None
    opened = await keys.open_fields(UserKey(tid, oid), after, sealed)
    return None if opened is None else dict(json.loads(opened))
