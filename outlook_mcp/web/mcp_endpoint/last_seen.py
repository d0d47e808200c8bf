"""When, from which address and with which protocol version each session was last used."""

from __future__ import annotations

from cachetools import TTLCache
from mcp_types.version import KNOWN_PROTOCOL_VERSIONS

from outlook_mcp.errors import OutlookError
from outlook_mcp.identity.session import SEEN_EVERY, Session, SessionService
from outlook_mcp.net.clock import seconds_since_boot

MOST_REMEMBERED = 10_000


class LastSeen:
    """Writes it to the session: at once when address or version changes, else once a minute."""

    def __init__(self, sessions: SessionService) -> None:
        self._sessions = sessions
        # What was written within the last minute, by session id.
        self._written: TTLCache[str, tuple[str, str], float] = TTLCache(
            MOST_REMEMBERED, SEEN_EVERY.total_seconds(), timer=seconds_since_boot
        )

    async def record_use(self, session: Session, address: str, era: str) -> None:
        """`era` is the protocol version that the client sent; an unknown one is recorded as ""."""
        era = era if era in KNOWN_PROTOCOL_VERSIONS else ""
        if self._written.get(session.id) == (address, era):
            return
        self._written[session.id] = (address, era)
        try:
            await self._sessions.note_use(session, address=address, era=era)
        except OutlookError:
            # Not worth failing the request for: reads go on while the store is unavailable.
            self._written.pop(session.id, None)
