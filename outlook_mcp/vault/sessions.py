"""Sessions of users, kept as sealed records; a user who is erased has none."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from pydantic import TypeAdapter

from outlook_mcp.errors import GenerationConflict
from outlook_mcp.identity.session import IDLE, Session
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.vault import CredentialVault

KIND = "session"
ATTEMPTS = 10


@cache
def _format() -> TypeAdapter[Session]:
    return TypeAdapter(Session)


class VaultSessions:
    """A `SessionStore`."""

    def __init__(self, vault: CredentialVault) -> None:
        self._vault = vault

    async def find_session(self, user: UserKey, id: str) -> Session | None:
        record = await self._vault.get(RecordKey(user, KIND, id))
        return None if record is None else _format().validate_json(record.value)

    async def create(self, session: Session) -> None:
        if session.user is None:
            raise ValueError("a session nobody signed in to is not kept")
        await self._put(RecordKey(session.user, KIND, session.id), session, None)

    async def update(self, user: UserKey, id: str, change: Callable[[Session], Session]) -> Session | None:
        key = RecordKey(user, KIND, id)
        for _ in range(ATTEMPTS):
            record = await self._vault.get(key)
            if record is None:
                return None
            changed = change(_format().validate_json(record.value))
            try:
                await self._put(key, changed, record.generation)
            except GenerationConflict:
                continue
            return changed
        raise GenerationConflict(f"The session changed {ATTEMPTS} times in a row.")

    async def delete(self, user: UserKey, id: str) -> bool:
        return await self._vault.delete(RecordKey(user, KIND, id))

    async def sessions_of(self, user: UserKey) -> tuple[Session, ...]:
        found = [await self.find_session(user, id) for id in await self._vault.list(user, KIND)]
        return tuple(session for session in found if session is not None)

    async def _put(self, key: RecordKey, session: Session, expected_generation: int | None) -> None:
        ends_at = (session.last_seen + IDLE).timestamp()
        value = _format().dump_json(session)
        await self._vault.put(key, value, expected_generation=expected_generation, expires_at=ends_at)
