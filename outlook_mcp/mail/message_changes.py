"""What a caller changes in messages: read, flag, categories, importance, and where Outlook lists them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.choices import FlagName, Importance
from outlook_mcp.mail.models import FlagStatus
from outlook_mcp.text.coming_times import parse_coming

# As a name to be removed: all categories of the message.
EVERY_CATEGORY = "*"
_FLAGS: dict[FlagName, FlagStatus] = {"none": "notFlagged", "flagged": "flagged", "done": "complete"}


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The days of a flag, in the zone of the mailbox: when to start, and when it is due."""

    start: date
    due: date
    zone: str

    def fields(self) -> dict[str, Any]:
        """Graph refuses a due day without a start: https://learn.microsoft.com/graph/api/resources/followupflag

        >>> FollowUp(date(2026, 12, 1), date(2026, 12, 4), "Europe/Berlin").fields()["dueDateTime"]
        {'dateTime': '2026-12-04T00:00:00', 'timeZone': 'Europe/Berlin'}
        """
        days = {"startDateTime": self.start, "dueDateTime": self.due}
        return {name: {"dateTime": f"{day}T00:00:00", "timeZone": self.zone} for name, day in days.items()}


def follow_up(start: str | None, due: str | None, now: datetime, zone: str) -> FollowUp | None:
    """The days that are written, as dates, `friday` or `3d` for three days from now; `now` is in the user's zone.

    Without a start it is today. None where no day is given. Raises InvalidInput for a day that has passed, for a start
    after the due day and for one without it.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    >>> follow_up(None, "1w", now, "UTC")
    FollowUp(start=datetime.date(2026, 11, 30), due=datetime.date(2026, 12, 7), zone='UTC')
    """
    if due is None:
        if start is not None:
            raise InvalidInput("`start` needs `due`: Outlook has no start without it.", next_step="Give both.")
        return None
    last = _day(due, now)
    first = min(now.date(), last) if start is None else _day(start, now)
    if last < now.date():
        raise InvalidInput(f"`due` is {last}, which has passed.", next_step="Give a date from today on, such as 3d.")
    if first > last:
        raise InvalidInput(f"`start` ({first}) is after `due` ({last}).", next_step="Swap them or leave out `start`.")
    return FollowUp(first, last, zone)


def _day(text: str, now: datetime) -> date:
    return parse_coming(text, now).start.astimezone(now.tzinfo).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChange:
    """What to change in messages; None and an empty tuple leave it as it is.

    `start` and `due` are the days of a flag as the caller writes them; see `follow_up`.
    """

    read: bool | None = None
    flag: FlagName | None = None
    start: str | None = None
    due: str | None = None
    add_categories: tuple[str, ...] = ()
    remove_categories: tuple[str, ...] = ()
    importance: Importance | None = None
    focused: bool | None = None

    def fields(self, days: FollowUp | None = None) -> dict[str, Any]:
        """The JSON of everything but the categories; `days` are what `start` and `due` stand for.

        >>> MessageChange(read=True, flag="done").fields()
        {'isRead': True, 'flag': {'flagStatus': 'complete'}}
        """
        fields: dict[str, Any] = {}
        if self.read is not None:
            fields["isRead"] = self.read
        if self.flag is not None or days is not None:
            fields["flag"] = {"flagStatus": _FLAGS[self.flag or "flagged"], **(days.fields() if days else {})}
        if self.importance is not None:
            fields["importance"] = self.importance
        if self.focused is not None:
            fields["inferenceClassification"] = "focused" if self.focused else "other"
        return fields

    def categories(self, current: Sequence[str]) -> list[str]:
        """The categories of a message that has the `current` ones. As in Outlook, case makes no difference.

        >>> MessageChange(add_categories=("Green", "red"), remove_categories=("BLUE",)).categories(["Red", "Blue"])
        ['Red', 'Green']
        >>> MessageChange(add_categories=("Green", "green"), remove_categories=("*",)).categories(["Red", "Blue"])
        ['Green']
        """
        removed = {name.strip().casefold() for name in self.remove_categories}
        removes_all = EVERY_CATEGORY in removed
        kept = {name.casefold(): name for name in current if not removes_all and name.casefold() not in removed}
        for name in self.add_categories:
            kept.setdefault(name.casefold(), name)
        return list(kept.values())

    def check(self) -> None:
        """Raises InvalidInput when there is nothing to change, or it contradicts itself."""
        categories = self.add_categories or self.remove_categories
        if not (categories or self.fields() or self.start or self.due):
            raise InvalidInput("Nothing to change was given.", next_step="Give read, flag, categories or importance.")
        if self.due is not None and self.flag in ("none", "done"):
            raise InvalidInput(f"`due` is for a flag, and flag={self.flag}.", next_step="Leave out one of them.")
