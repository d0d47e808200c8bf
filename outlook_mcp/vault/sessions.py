"""Sessions of users, kept as sealed records; a user who is erased has none.

Each is stamped with the epoch of its user, which is raised when all of them end at once; one that ends alone is noted
by its id. Both stand beside the user's data keys, so a row that is put back from a copy of the store opens no session.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache

from pydantic import TypeAdapter

from outlook_mcp.errors import RecordBroken
from outlook_mcp.identity.session import IDLE, Session
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.records import NewValue, RecordKey
from outlook_mcp.vault.vault import CredentialVault

KIND = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class _StampedSession:
    epoch: int = 0
    session: Session


@cache
def _format() -> TypeAdapter[_StampedSession | Session]:
    """A session without a stamp is of epoch 0, as older servers wrote it."""
    return TypeAdapter(_StampedSession | Session)


class VaultSessions:
    """A `SessionStore`."""

    def __init__(self, vault: CredentialVault) -> None:
        self._vault = vault

    async def find_session(self, user: UserKey, session_id: str) -> Session | None:
        record = await self._vault.get_record(RecordKey(user, KIND, session_id))
        stamped = None if record is None else _parsed(record.value)
        if record is None or stamped is None or record.revoked.ends(session_id, epoch=stamped.epoch):
            return None
        return stamped.session

    async def create_session(self, session: Session) -> None:
        if session.user is None:
            raise ValueError("a session nobody signed in to is not kept")
        new = _stored(_StampedSession(epoch=await self._vault.epoch_of(session.user), session=session))
        key = RecordKey(session.user, KIND, session.id)
        await self._vault.put_record(key, new.value, expected_generation=None, expires_at=new.expires_at)

    async def update_session(
        self, user: UserKey, session_id: str, change: Callable[[Session], Session]
    ) -> Session | None:
        changed: Session | None = None

        def apply(value: bytes | None) -> NewValue | None:
            nonlocal changed
            stamped = None if value is None else _parsed(value)
            changed = None if stamped is None else change(stamped.session)
            return None if stamped is None or changed is None else _stored(replace(stamped, session=changed))

        if await self.find_session(user, session_id) is None:
            return None
        await self._vault.update_record(RecordKey(user, KIND, session_id), apply)
        return changed

    async def delete_session(self, user: UserKey, session_id: str) -> bool:
        key = RecordKey(user, KIND, session_id)
        if session_id not in await self._vault.record_ids_of(user, KIND):
            return False
        # Where the data keys cannot be read, no session opens anyway.
        with suppress(RecordBroken):
            await self._vault.revoke_name(user, session_id)
        return await self._vault.delete_record(key)

    async def outdate_sessions(self, user: UserKey) -> None:
        await self._vault.raise_epoch_of(user)

    async def sessions_of(self, user: UserKey) -> tuple[Session, ...]:
        found = [
            await self.find_session(user, session_id) for session_id in await self._vault.record_ids_of(user, KIND)
        ]
        return tuple(session for session in found if session is not None)


def _parsed(value: bytes) -> _StampedSession:
    found = _format().validate_json(value)
    return _StampedSession(session=found) if isinstance(found, Session) else found


def _stored(stamped: _StampedSession) -> NewValue:
    """Without a stamp where that means the same, which older servers read, too."""
    kept = stamped if stamped.epoch else stamped.session
    return NewValue(_format().dump_json(kept), (stamped.session.last_seen + IDLE).timestamp())
