"""Client sessions: one authorization grant (a user and a client), or one stdio process."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from outlook_mcp.errors import Remedy, SignInRefused
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import UtcClock, utc_now

Transport = Literal["stdio", "http"]
# How exact `last_seen` is: writing it for every call would cost more than the call.
SEEN_EVERY = timedelta(minutes=1)
# A session not used for this long has ended.
IDLE = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`user` is None in a stdio process until somebody signs in.

    `scopes` is None where nothing limits the tools, as over stdio. `account` is the mail address at the time of the
    grant, for showing. `client_name`, `address` (of the network) and `era` (the protocol version last spoken) are what
    the client says or shows of itself, never an identity. `client_kind` says who vouches for its name (`document`,
    `registered` or `configured`), and `redirect_uri` is where its code was sent. `is_asserted` marks a grant by an
    identity assertion: the organisation gave it, and its user cannot add scopes.
    """

    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    user: UserKey | None
    transport: Transport
    created: datetime
    last_seen: datetime
    client_id: str = ""
    client_name: str = ""
    client_kind: str = ""
    redirect_uri: str = ""
    account: str = ""
    scopes: tuple[str, ...] | None = None
    is_asserted: bool = False
    address: str = ""
    era: str = ""

    def allows(self, scope: str) -> bool:
        """True when calls that need `scope` may be made in this session."""
        return self.scopes is None or scope in self.scopes


class SessionStore(Protocol):
    """Sessions by their user and id."""

    async def find_session(self, user: UserKey, session_id: str) -> Session | None:
        """The session, None when it has ended."""

    async def create_session(self, session: Session) -> None:
        """Keep a new session."""

    async def update_session(
        self, user: UserKey, session_id: str, change: Callable[[Session], Session]
    ) -> Session | None:
        """Change a session that has not ended; None when it has. A change never brings an ended session back."""

    async def delete_session(self, user: UserKey, session_id: str) -> bool:
        """End it; False when it had ended."""

    async def outdate_sessions(self, user: UserKey) -> None:
        """Ends every session of the user; none of them comes back, even if its record is put back into the store."""

    async def sessions_of(self, user: UserKey) -> tuple[Session, ...]:
        """The user's sessions, in any order."""


class SessionService:
    """The grants of users to clients, on every server that shares the store.

    A session ends `longest` after it began, however much it is used; None for no such end.
    """

    def __init__(self, store: SessionStore, clock: UtcClock = utc_now, *, longest: timedelta | None = None) -> None:
        self._store = store
        self._clock = clock
        self._longest = longest
        self._listeners: list[Callable[[str], None]] = []

    def add_listener(self, listener: Callable[[str], None]) -> None:
        """`listener` is called with the id of every session that is widened or ended in this process."""
        self._listeners.append(listener)

    async def start_session(
        self,
        user: UserKey,
        *,
        client_id: str,
        client_name: str,
        scopes: tuple[str, ...],
        client_kind: str = "",
        redirect_uri: str = "",
        account: str = "",
        is_asserted: bool = False,
        address: str = "",
    ) -> Session:
        """A new grant of `user` to a client."""
        now = self._clock()
        session = Session(
            user=user,
            transport="http",
            created=now,
            last_seen=now,
            client_id=client_id,
            client_name=client_name,
            client_kind=client_kind,
            redirect_uri=redirect_uri,
            account=account,
            scopes=scopes,
            is_asserted=is_asserted,
            address=address,
        )
        await self._store.create_session(session)
        return session

    async def find_session(self, user: UserKey, session_id: str) -> Session | None:
        """The session, None when it has ended."""
        session = await self._store.find_session(user, session_id)
        return None if session is None or self.seconds_left(session) <= 0 else session

    def seconds_left(self, session: Session) -> float:
        """Until the session ends although it is used; infinity when it does not."""
        return math.inf if self._longest is None else (session.created + self._longest - self._clock()).total_seconds()

    async def note_use(self, session: Session, *, address: str, era: str) -> Session | None:
        """Notes that the session was used now, from this address and in this protocol era; None when it has ended."""
        now = self._clock()
        is_known = (session.address, session.era) == (address, era)
        if session.user is None or (is_known and now - session.last_seen < SEEN_EVERY):
            return session
        return await self._store.update_session(
            session.user, session.id, lambda present: replace(present, last_seen=now, address=address, era=era)
        )

    async def widen_session(self, user: UserKey, session_id: str, scopes: tuple[str, ...]) -> Session | None:
        """Adds scopes to the session; None when it has ended. Raises SignInRefused for an asserted one."""

        def widened(session: Session) -> Session:
            if session.is_asserted:
                raise SignInRefused("The organisation decides what this app may do.", remedy=Remedy.ASK_ADMINISTRATOR)
            return replace(session, scopes=tuple(dict.fromkeys((*(session.scopes or ()), *scopes))))

        session = await self._store.update_session(user, session_id, widened)
        self._tell(session_id)
        return session

    async def end_session(self, user: UserKey, session_id: str) -> bool:
        """Ends the session; False when it had ended before."""
        was_there = await self._store.delete_session(user, session_id)
        self._tell(session_id)
        return was_there

    async def outdate_sessions(self, user: UserKey) -> None:
        """Ends every session of the user for good: no record from before opens one again, wherever it comes from."""
        sessions = await self._store.sessions_of(user)
        await self._store.outdate_sessions(user)
        for session in sessions:
            await self.end_session(user, session.id)

    async def sessions_of(self, user: UserKey) -> tuple[Session, ...]:
        """The user's own sessions, last seen first."""
        sessions = [session for session in await self._store.sessions_of(user) if self.seconds_left(session) > 0]
        return tuple(sorted(sessions, key=lambda session: session.last_seen, reverse=True))

    def _tell(self, session_id: str) -> None:
        for listener in self._listeners:
            listener(session_id)
