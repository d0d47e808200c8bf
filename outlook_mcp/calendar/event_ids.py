"""Short ids of events: the counter of a message id, and for one date of a series `@` and the original date.

Decoded, the immutable id of an event is laid out as that of a message (see `graph.handles`). The id of an occurrence is
the entry of its series and the midnight of its original date, in ticks of .NET (100 ns since year 1), between bytes
that are always the same. The layout is observed, not documented, so an id is shortened only when the full id can be
restored exactly; any other id is its own short form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from outlook_mcp.calendar.models import EventId
from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.handles import Handles, decoded_id, encoded_id
from outlook_mcp.graph.ids import Handle, MessageId

_HANDLE = re.compile(r"(0|[1-9][0-9]{0,14})(?:@([0-9]{6}))?")
_ITEM_HEAD = bytes.fromhex("0009002e00")
_OCCURRENCE_HEAD = bytes.fromhex("0009013900")
# Before the date stands its length, behind it that of the entry, and at the end a constant.
_DATE_LENGTH, _ENTRY_LENGTH, _TAIL = b"\x08", b"\x2e", b"\x10"
_DATE_START, _DATE_END = 6, 14
_OCCURRENCE_BYTES = 5 + 1 + 8 + 1 + 46 + 1
_YEAR_ONE, _MICROSECOND = datetime(1, 1, 1), timedelta(microseconds=1)
_CENTURY = 2000


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
        """`4711`, `4711@261130` for the date of a series, or the id itself when it is of another form or mailbox."""
        series, day = _parted(event_id)
        if day is None:
            return self.handles.short(MessageId(Handle(event_id)))
        counter = self.handles.short(MessageId(Handle(series)))
        return f"{counter}@{day:%y%m%d}" if counter.isdecimal() else event_id

    def full(self, handle: str) -> EventId:
        """The event id that a short one stands for; a full id is returned unchanged.

        Raises InvalidInput for a short id whose date is none, or when the mailbox GUID is not known.
        """
        written = handle.strip()
        found = _HANDLE.fullmatch(written)
        if found is None:
            return EventId(written)
        series = self.handles.full(Handle(found[1]))
        if found[2] is None:
            return EventId(series)
        return _occurrence(series, _day(found[2]))

    def parted(self, handle: str) -> tuple[str, str]:
        """The short or full id, and the address of the mailbox it is of; "" for this one.

        >>> EventIds(Handles(None)).parted("4711@261130:bob@contoso.example")
        ('4711@261130', 'bob@contoso.example')
        """
        own, _, address = handle.strip().partition(":")
        return own, address

    def series_of(self, event_id: EventId) -> EventId:
        """The id of the series that an occurrence is of; any other id is returned unchanged."""
        return EventId(_parted(event_id)[0])


@dataclass(frozen=True, slots=True)
class SharedEventIds(EventIds):
    """Those of the calendar of somebody else, whose address stands behind each."""

    address: str

    def short(self, event_id: EventId) -> str:
        # `super()` without arguments does not find the class that `slots` makes.
        return f"{EventIds.short(self, event_id)}:{self.address}"


def original_day(event_id: EventId) -> date | None:
    """The day on which the date of a series was before it was moved, as its id tells; None for any other id."""
    return _parted(event_id)[1]


def _parted(event_id: str) -> tuple[str, date | None]:
    """The id of the item itself, of an occurrence that of its series, and the date of the occurrence."""
    raw = decoded_id(event_id)
    if len(raw) != _OCCURRENCE_BYTES or not raw.startswith(_OCCURRENCE_HEAD):
        return event_id, None
    try:
        day = _YEAR_ONE + int.from_bytes(raw[_DATE_START:_DATE_END], "big") // 10 * _MICROSECOND
    except OverflowError:
        return event_id, None
    series = encoded_id(_ITEM_HEAD + raw[_DATE_END + 1 : -1])
    is_same = _CENTURY <= day.year < _CENTURY + 100 and _occurrence(series, day.date()) == event_id
    return (series, day.date()) if is_same else (event_id, None)


def _occurrence(series: str, day: date) -> EventId:
    ticks = (datetime(day.year, day.month, day.day) - _YEAR_ONE) // _MICROSECOND * 10
    entry = decoded_id(series)[len(_ITEM_HEAD) :]
    raw = _OCCURRENCE_HEAD + _DATE_LENGTH + ticks.to_bytes(8, "big") + _ENTRY_LENGTH + entry + _TAIL
    return EventId(encoded_id(raw))


def _day(digits: str) -> date:
    try:
        return date(_CENTURY + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        raise InvalidInput(
            f"There is no event of the day {digits}.", next_step="Use an id as calendar_list shows it."
        ) from None
