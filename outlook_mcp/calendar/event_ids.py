"""Short ids of events: that of a message id, and for one date of a series `@` and the original date.

Decoded, the immutable id of an event is laid out as that of a message (see `graph.handles`). The id of an occurrence is
the entry of its series and the midnight of its original date, in ticks of .NET (100 ns since year 1), behind the head
of its series; this is so in ordinary ids, too, which mailboxes without immutable ones have. The layout is observed, not
documented, so an id is shortened only when the full id can be restored exactly; any other id is its own short form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from outlook_mcp.calendar.models import EventId
from outlook_mcp.errors import InvalidInput, NotFound
from outlook_mcp.graph.handles import Handles, decoded_id, encoded_id
from outlook_mcp.graph.ids import Handle, MessageId

_HANDLE = re.compile(r"((?:0|[1-9][0-9]{0,14})|[a-z2-7]{4}~[^@:]{16})(?:@([0-9]{6}))?")
# Version, and in an ordinary id the mailbox. Behind it the mark of a series or of a date, the length of the rest, a 0.
_IMMUTABLE, _IMMUTABLE_HEAD, _ORDINARY_HEAD = b"\0\x09", 2, 40
_SERIES_MARK, _DATE_MARK, _MARK_BYTES = 0, 1, 3
# Before the date stands its length, behind it that of the entry, and at the end a constant.
_DATE_LENGTH, _DATE_BYTES, _TAIL = b"\x08", 8, b"\x10"
_YEAR_ONE, _MICROSECOND = datetime(1, 1, 1), timedelta(microseconds=1)
_CENTURY = 2000
_USE_LISTED = "Use an id as calendar_list shows it."


@dataclass(frozen=True, slots=True)
class EventIds:
    """Converts between event ids and their short forms, in one mailbox.

    >>> ids = EventIds(Handles(bytes(16)))
    >>> ids.full("4711@261130")
    'AAkBOQAICN9OdOCGwAAuAAAAAB2EAxGqZhHNm8gAqgAvxFoNAAAAAAAAAAAAAAAAAAAAAAAAAAAAEmcAABA='
    >>> ids.short(ids.full("4711@261130")), ids.short(ids.full("4711")), ids.short(EventId("AAMkAGI2"))
    ('4711@261130', '4711', 'AAMkAGI2')
    """

    handles: Handles

    def short(self, event_id: EventId) -> str:
        """`4711`, `4711@261130` for the date of a series, or the id itself when it is of another form or mailbox.

        In mailboxes with ids of another layout `rfr4~AAAAAASoXUT3AAA=` stands in place of the number.
        """
        series, day = _parted(event_id)
        if day is None:
            return self.handles.short(MessageId(Handle(event_id)))
        short = self.handles.short(MessageId(Handle(series)))
        return event_id if short == series else f"{short}@{day:%y%m%d}"

    def full(self, handle: str) -> EventId:
        """The event id that a short one stands for; a full id is returned unchanged.

        Raises InvalidInput for a short id whose date is none, or when the mailbox GUID is not known.
        """
        written = handle.strip()
        found = _HANDLE.fullmatch(written)
        if found is None:
            return EventId(written)
        try:
            series = self.handles.full(Handle(found[1]))
        except InvalidInput:
            raise InvalidInput(f"There is no event {written[:40]!r} in this calendar.", next_step=_USE_LISTED) from None
        if found[2] is None:
            return EventId(series)
        occurrence = _occurrence(series, _day(found[2]))
        if occurrence is None:
            raise InvalidInput(f"{written[:40]} is no date of a series.", next_step=_USE_LISTED)
        return occurrence

    def parted(self, handle: str) -> tuple[str, str]:
        """The short or full id, also within brackets as answers show it, and the address of its mailbox.

        The address is "" for an id of this mailbox.

        >>> EventIds(Handles(None)).parted("[4711@261130:bob@contoso.example]")
        ('4711@261130', 'bob@contoso.example')
        """
        own, _, address = handle.strip().removeprefix("[").removesuffix("]").partition(":")
        return own, address


@dataclass(frozen=True, slots=True)
class SharedEventIds(EventIds):
    """The ids in the calendar of somebody else, whose address stands behind each."""

    address: str

    def short(self, event_id: EventId) -> str:
        # `super()` without arguments does not find the class that `slots` makes.
        return f"{EventIds.short(self, event_id)}:{self.address}"


def no_event(written: str) -> NotFound:
    """The error for what can be the id of none."""
    return NotFound(f"There is no event {written[:40]!r}.", next_step=_USE_LISTED)


def original_day(event_id: EventId) -> date | None:
    """The day on which the date of a series was before it was moved, as its id tells; None for any other id."""
    return _parted(event_id)[1]


def _parted(event_id: str) -> tuple[str, date | None]:
    """The id of the item itself, of an occurrence that of its series, and the date of the occurrence."""
    raw = decoded_id(event_id)
    head = _head_of(raw)
    ticks = head + _MARK_BYTES + len(_DATE_LENGTH)
    entry = ticks + _DATE_BYTES + 1
    if len(raw) <= entry or raw[head] != _DATE_MARK:
        return event_id, None
    try:
        day = _YEAR_ONE + int.from_bytes(raw[ticks : ticks + _DATE_BYTES], "big") // 10 * _MICROSECOND
    except OverflowError:
        return event_id, None
    content = raw[entry : -len(_TAIL)]
    series = encoded_id(raw[:head] + bytes((_SERIES_MARK, len(content) % 256, 0)) + content)
    is_same = _CENTURY <= day.year < _CENTURY + 100 and _occurrence(series, day.date()) == event_id
    return (series, day.date()) if is_same else (event_id, None)


def _occurrence(series: str, day: date) -> EventId | None:
    """The id of this date of a series; None for an id that is none of a series."""
    raw = decoded_id(series)
    head = _head_of(raw)
    entry = raw[head + _MARK_BYTES :]
    ticks = (datetime(day.year, day.month, day.day) - _YEAR_ONE) // _MICROSECOND * 10
    date_part = _DATE_LENGTH + ticks.to_bytes(_DATE_BYTES, "big")
    size = len(date_part) + 1 + len(entry) + len(_TAIL)
    if size > 255 or raw[head : head + _MARK_BYTES] != bytes((_SERIES_MARK, len(entry), 0)):
        return None
    mark = bytes((_DATE_MARK, size, 0))
    return EventId(encoded_id(raw[:head] + mark + date_part + bytes((len(entry),)) + entry + _TAIL))


def _head_of(raw: bytes) -> int:
    return _IMMUTABLE_HEAD if raw.startswith(_IMMUTABLE) else _ORDINARY_HEAD


def _day(digits: str) -> date:
    try:
        return date(_CENTURY + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        raise InvalidInput(
            f"No event has the id ...@{digits}: behind @ stands a date as YYMMDD, and this is none.",
            next_step=_USE_LISTED,
        ) from None
