"""How much one user may send in an hour, whichever client, mailbox or server it goes through."""

from __future__ import annotations

from dataclasses import dataclass

from outlook_mcp.errors import SendQuotaExceeded
from outlook_mcp.errors.counting import counted
from outlook_mcp.identity.shared_store import SharedCounter
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.net.clock import UnixClock, unix_time

_HOUR_S = 3600
# Counted in parts of ten minutes, so that nobody sends twice as much around the end of an hour.
_PART_S = 600
_PARTS = _HOUR_S // _PART_S
_KEPT_S = float(_HOUR_S + 2 * _PART_S)


@dataclass(frozen=True, slots=True)
class SendQuota:
    """What is left to one user of the sends and recipients of the last hour, to ten minutes more.

    What seems to be of the coming hour counts as well: another server's clock is ahead, or this one was set back.
    """

    counter: SharedCounter
    user: UserKey
    settings: MailSettings
    clock: UnixClock = unix_time

    async def count_send(self, recipients: int) -> None:
        """Counts a message to so many recipients. Raises SendQuotaExceeded, counting nothing, when it is too much."""
        part = self._part()
        sends, total = await self._count_in("sends", part, 1), await self._count_in("recipients", part, recipients)
        if sends > self.settings.sends_per_hour:
            exceeded = counted(self.settings.sends_per_hour, "message")
        elif total > self.settings.recipients_per_hour:
            exceeded = f"messages to {counted(self.settings.recipients_per_hour, 'recipient')}"
        else:
            return
        await self._count_in("sends", part, -1)
        await self._count_in("recipients", part, -recipients)
        raise SendQuotaExceeded(
            f"This server sends at most {exceeded} an hour for one user, so this call sent nothing. The draft is kept.",
            next_step="Tell the user; send it later, or let them send it in Outlook.",
        )

    async def uncount_send(self, recipients: int) -> None:
        """Counts a message no more that was not sent.

        It may have been counted in an earlier part. Taken from the part of now, it would be missing there once that
        part is over an hour old: what is taken from the oldest parts is never missing later.
        """
        await self._uncount("sends", 1)
        await self._uncount("recipients", recipients)

    def _part(self) -> int:
        return int(self.clock()) // _PART_S

    async def _uncount(self, what: str, by: int) -> None:
        for counted_in in _parts_around(self._part()):
            taken = min(by, max(0, await self._increment(what, counted_in, 0)))
            if taken:
                await self._increment(what, counted_in, -taken)
            by -= taken

    async def _count_in(self, what: str, part: int, by: int) -> int:
        """The count with `by` added. Whoever calls adds to one part before they read the others, so of two calls at
        least one sees what the other added."""
        total = await self._increment(what, part, by)
        for other in _parts_around(part):
            total += await self._increment(what, other, 0) if other != part else 0
        return total

    async def _increment(self, what: str, part: int, by: int) -> int:
        name = f"{what} of {self.user.tid}:{self.user.oid} in {part}"
        return await self.counter.increment_counter(name, window_s=_KEPT_S, by=by)


def _parts_around(part: int) -> range:
    """The parts of the last hour and, after that of now, of the coming one."""
    return range(part - _PARTS, part + _PARTS + 1)
