"""Sessions of users, kept as sealed records; a user who is erased has none."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from pydantic import TypeAdapter

from outlook_mcp.identity.session import IDLE, Session
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.records import NewValue, RecordKey
from outlook_mcp.vault.vault import CredentialVault

KIND = "session"


@cache
def _format() -> TypeAdapter[Session]:
    return TypeAdapter(Session)


class VaultSessions:
    """A `SessionStore`."""

    def __init__(self, vault: CredentialVault) -> None:
        self._vault = vault

    async def find_session(self, user: UserKey, session_id: str) -> Session | None:
        record = await self._vault.get_record(RecordKey(user, KIND, session_id))
        return None if record is None else _format().validate_json(record.value)

    async def create_session(self, session: Session) -> None:
        if session.user is None:
            raise ValueError("a session nobody signed in to is not kept")
        new = _stored(session)
        key = RecordKey(session.user, KIND, session.id)
        await self._vault.put_record(key, new.value, expected_generation=None, expires_at=new.expires_at)

    async def update_session(
        self, user: UserKey, session_id: str, change: Callable[[Session], Session]
    ) -> Session | None:
        changed: Session | None = None

        def apply(value: bytes | None) -> NewValue | None:
            nonlocal changed
            changed = None if value is None else change(_format().validate_json(value))
            return None if changed is None else _stored(changed)

        await self._vault.update_record(RecordKey(user, KIND, session_id), apply)
        return changed

    async def delete_session(self, user: UserKey, session_id: str) -> bool:
        return await self._vault.delete_record(RecordKey(user, KIND, session_id))

    async def sessions_of(self, user: UserKey) -> tuple[Session, ...]:
        found = [
            await self.find_session(user, session_id) for session_id in await self._vault.record_ids_of(user, KIND)
        ]
        return tuple(session for session in found if session is not None)


def _stored(session: Session) -> NewValue:
    return NewValue(_format().dump_json(session), (session.last_seen + IDLE).timestamp())
