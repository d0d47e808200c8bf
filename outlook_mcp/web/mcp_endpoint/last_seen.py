"""When, from which address and with which protocol version each session was last used."""

from __future__ import annotations

import time
from collections import OrderedDict

from mcp_types.version import KNOWN_PROTOCOL_VERSIONS

from outlook_mcp.errors import OutlookError
from outlook_mcp.identity.session import SEEN_EVERY, Session, SessionService

MOST_REMEMBERED = 10_000


class LastSeen:
    """Writes it to the session: at once when address or version changes, else once a minute."""

    def __init__(self, sessions: SessionService) -> None:
        self._sessions = sessions
        self._written: OrderedDict[str, tuple[float, str, str]] = OrderedDict()

    async def record_use(self, session: Session, address: str, era: str) -> None:
        """`era` is the protocol version that the client sent; an unknown one is recorded as ""."""
        era = era if era in KNOWN_PROTOCOL_VERSIONS else ""
        now = time.monotonic()
        known = self._written.get(session.id)
        if known and known[1:] == (address, era) and now - known[0] < SEEN_EVERY.total_seconds():
            return
        self._written[session.id] = (now, address, era)
        self._written.move_to_end(session.id)
        while len(self._written) > MOST_REMEMBERED:
            self._written.popitem(last=False)
        try:
            await self._sessions.seen(session, address=address, era=era)
        except OutlookError:
            # Not worth failing the request for: reads go on while the store is unavailable.
            self._written.pop(session.id, None)
