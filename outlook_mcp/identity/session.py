"""Client sessions. A stdio process is one session, bound to one local profile."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from outlook_mcp.identity.profile import check_profile_name
from outlook_mcp.identity.user import UserKey

Transport = Literal["stdio", "http", "memory"]


@dataclass(frozen=True, slots=True)
class Session:
    """`user` is None until somebody signs in; `client_name` is what the client calls itself, never an identity."""

    id: str
    user: UserKey | None
    profile: str
    client_name: str
    created: datetime
    last_seen: datetime
    transport: Transport


def utc_now() -> datetime:
    return datetime.now(UTC)


class SessionService:
    """The sessions of this process."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        self._sessions: dict[str, Session] = {}

    def start(
        self, *, profile: str, transport: Transport, client_name: str = "", user: UserKey | None = None
    ) -> Session:
        """Open a session for a local profile."""
        now = self._clock()
        name = check_profile_name(profile)
        return self._keep(Session(uuid.uuid4().hex, user, name, client_name, now, now, transport))

    def get(self, session_id: str) -> Session | None:
        return self._sessions.get(session_id)

    def touch(self, session_id: str, *, client_name: str | None = None) -> Session | None:
        """Mark it as just seen, and learn the client's name; None when it has ended."""
        session = self.get(session_id)
        if session is None:
            return None
        name = session.client_name if client_name is None else client_name
        return self._keep(replace(session, last_seen=self._clock(), client_name=name))

    def bind(self, session_id: str, user: UserKey | None) -> Session | None:
        """Say whose session it is now: at sign-in, and with None at sign-out."""
        session = self.get(session_id)
        return session and self._keep(replace(session, user=user))

    def end(self, session_id: str) -> bool:
        """False when it had ended before."""
        return self._sessions.pop(session_id, None) is not None

    def list(self, user: UserKey) -> tuple[Session, ...]:
        """The user's own sessions, last seen first."""
        own = (session for session in self._sessions.values() if session.user == user)
        return tuple(sorted(own, key=lambda session: session.last_seen, reverse=True))

    def _keep(self, session: Session) -> Session:
        self._sessions[session.id] = session
        return session
