"""Ids of occurrences, which hold the entry of their series and the original date, and the UIDs of events."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

from outlook_mcp.sandbox.store.core import ids
from outlook_mcp.sandbox.store.core.errors import IdMalformed

_ORDINARY_HEAD, _IMMUTABLE_HEAD = 40, 2
_TICK = timedelta(microseconds=1)
_BEGIN = datetime(1, 1, 1)
# A GlobalObjectId (MS-OXOCAL, 2.2.1.27): a mark, the date of the occurrence, the time of creation, the data.
_GLOBAL_ID = bytes.fromhex("040000008200e00074c5b7101a82e008")
_FOREIGN = b"vCal-Uid\x01\x00\x00\x00"


def occurrence_id(series: str, day: date) -> str:
    """The id of the occurrence that stands for this date, from the ordinary or immutable id of its series.

    Behind the head come the mark 01, the length of the rest, the date in .NET ticks, and the entry with its length
    before it and 10 behind it.
    """
    data = ids.decode(series)
    head = _head(data)
    entry = data[head + 3 :]
    ticks = (datetime(day.year, day.month, day.day) - _BEGIN) // _TICK * 10
    date_part = bytes((8,)) + ticks.to_bytes(8, "big")
    rest = date_part + bytes((len(entry),)) + entry + b"\x10"
    return ids.encode(data[:head] + b"\x01" + bytes((len(rest), 0)) + rest)


def split_occurrence(identifier: str) -> tuple[str, date | None]:
    """The id of the series and the date of the occurrence; any other id as it is, with None. Raises IdMalformed."""
    data = ids.decode(identifier)
    head = _head(data)
    if len(data) < head + 13 or data[head] != 1:
        return identifier, None
    size = data[head + 12]
    entry = data[head + 13 : head + 13 + size]
    ticks = int.from_bytes(data[head + 4 : head + 12], "big")
    series = ids.encode(data[:head] + bytes((0, size, 0)) + entry)
    try:
        day = (_BEGIN + timedelta(microseconds=ticks // 10)).date()
    except OverflowError as error:
        raise IdMalformed(identifier) from error
    if occurrence_id(series, day) != identifier:
        raise IdMalformed(identifier)
    return series, day


def new_uid(created: datetime) -> str:
    """The UID of a new event, which is the same in the mailboxes of all who are invited."""
    ticks = int(created.timestamp() * 10_000_000) + 116_444_736_000_000_000
    data = secrets.token_bytes(16)
    body = bytes(4) + ticks.to_bytes(8, "little") + bytes(8) + len(data).to_bytes(4, "little") + data
    return (_GLOBAL_ID + body).hex().upper()


def uid_of_occurrence(uid: str, day: date) -> str:
    """The UID of a series with the date of one occurrence in it, in bytes 17 to 20.

    >>> uid_of_occurrence("040000008200E00074C5B7101A82E00800000000", date(2026, 6, 1))[32:40]
    '07EA0601'
    """
    date_part = day.year.to_bytes(2, "big") + bytes((day.month, day.day))
    try:
        data = bytes.fromhex(uid)
    except ValueError:
        data = b""
    if data[:16] != _GLOBAL_ID:
        content = _FOREIGN + uid.encode() + b"\0"
        data = _GLOBAL_ID + bytes(4 + 8 + 8) + len(content).to_bytes(4, "little") + content
    return (data[:16] + date_part + data[20:]).hex().upper()


def _head(data: bytes) -> int:
    """What stands before the mark: version and mailbox in an ordinary id, the version alone in an immutable one."""
    return _IMMUTABLE_HEAD if data[1:2] == b"\x09" else _ORDINARY_HEAD
