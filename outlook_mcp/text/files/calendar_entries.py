"""When and where the first entries of a calendar file are."""

from __future__ import annotations

import msgspec

from outlook_mcp.text.files.kinds import FileKind
from outlook_mcp.text.files.reading import missing_library
from outlook_mcp.text.isolated.processes import shared_processes

ENTRIES = "entries"
MOST_ENTRIES = 3
_JOB = "outlook_mcp.text.files.calendar"


class CalendarEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`start` and `end` are local times in `zone`, which is empty where they are those of whoever reads them.

    With `is_day` they are days, `end` the day after the last.
    """

    title: str = ""
    start: str = ""
    end: str = ""
    zone: str = ""
    is_day: bool = False
    place: str = ""
    repeats: bool = False
    is_called_off: bool = False


async def first_entries(source: bytes) -> list[CalendarEntry]:
    """The first three events of a calendar file; none where it cannot be read here.

    Raises ServerBusy as `WorkerProcesses.run` does.
    """
    if missing_library(FileKind.CALENDAR) is not None:
        return []
    try:
        return msgspec.json.decode(await shared_processes().run(_JOB, ENTRIES, source=source), type=list[CalendarEntry])
    except msgspec.DecodeError:
        return []
