"""When and from where sessions are used."""

from __future__ import annotations

import time
from collections import OrderedDict

from mcp_types.version import KNOWN_PROTOCOL_VERSIONS

from outlook_mcp.errors import OutlookError
from outlook_mcp.identity.session import SEEN_EVERY, Session, SessionService

MOST_REMEMBERED = 10_000


class LastSeen:
    """Remembers when and from where a session was used: written at once when that changes, else once a minute."""

    def __init__(self, sessions: SessionService) -> None:
        self._sessions = sessions
        self._noted: OrderedDict[str, tuple[float, str, str]] = OrderedDict()

    async def note(self, session: Session, address: str, era: str) -> None:
        """`era` is what the client says it speaks; words that are no version are not kept."""
        era = era if era in KNOWN_PROTOCOL_VERSIONS else ""
        now = time.monotonic()
        known = self._noted.get(session.id)
        if known and known[1:] == (address, era) and now - known[0] < SEEN_EVERY.total_seconds():
            return
        self._noted[session.id] = (now, address, era)
        self._noted.move_to_end(session.id)
        while len(self._noted) > MOST_REMEMBERED:
            self._noted.popitem(last=False)
        try:
            await self._sessions.seen(session, address=address, era=era)
        except OutlookError:
            # Being seen is worth noting, not worth failing for: reads go on while the store is away.
            self._noted.pop(session.id, None)
