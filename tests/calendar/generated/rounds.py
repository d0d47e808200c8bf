"""One calendar of the sandbox that is filled, listed, changed and emptied again, read in another zone each round."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.email_config import UserEmailConfig
from outlook_mcp.identity.user import UserKey
from outlook_mcp.sandbox import Sandbox, SandboxOptions, User, run_sandbox
from outlook_mcp.sandbox.store.calendar.calendars import Calendars
from outlook_mcp.sandbox.store.calendar.events import Events
from tests.answers import text_of
from tests.calendar.generated.asked import DAY, Asked, Instance, is_ambiguous, is_skipped, moment_of, zone_of
from tests.calendar.generated.generator import EDGES, ZONES, any_event, is_plain
from tests.calendar.generated.printed import expected, is_same, printed
from tests.faults.office import SCOPES, Outlook, outlook_of
from tests.workspace.conftest import SandboxTokens

EVENTS = 50
# Every so many events one is written by event_save, the others by requests to Graph.
_BY_TOOL = 10
_BATCH = 20
_EXCEPTIONS = 3
_HOUR = timedelta(hours=1)


@dataclass
class Figures:
    """How much was compared."""

    events: int = 0
    dates: int = 0
    lines: int = 0
    refused: int = 0
    by_tool: int = 0
    exceptions: int = 0
    kinds: Counter[str] = field(default_factory=Counter)


@dataclass
class Rounds:
    sandbox: Sandbox
    outlook: Outlook
    graph: httpx.AsyncClient
    rng: random.Random
    figures: Figures = field(default_factory=Figures)
    reader: str = ""

    @property
    def user(self) -> User:
        return self.sandbox.users[0]

    async def run(self, number: int) -> None:
        """Fills, lists and changes a calendar around an edge. Raises AssertionError for what is told or kept wrong."""
        await self._read_in(ZONES[7 * number % len(ZONES)])
        first = self.rng.choice(EDGES) - self.rng.randrange(7) * DAY
        last = first + self.rng.randrange(1, 8) * DAY
        subjects = [f"E{number * EVENTS + place + 1}" for place in range(EVENTS)]
        wanted = [any_event(self.rng, subject, first, last) for subject in subjects]
        by_tool = [asked for asked in wanted[::_BY_TOOL] if asked.zone == asked.end_zone and asked.has_length]
        posted = [asked for asked in wanted if asked not in by_tool]
        kept = [asked for asked in by_tool if await self._save(asked)] + posted
        await self._post(posted)
        self._count(kept)
        handles = await self._compare(kept, first, last)
        await self._except(kept, handles, first, last)
        await self._compare(kept, first, last)
        day = first + self.rng.randrange((last - first).days + 1) * DAY
        await self._compare(kept, day, day)
        self.sandbox.store.database.execute("DELETE FROM event")

    async def _read_in(self, zone: str) -> None:
        key, connection = UserKey(self.user.tid, self.user.oid), ConnectionId("own")
        if (key, connection) not in self.outlook.configs.kept:
            # Opened once, so that the mailbox tells its address and its own id.
            await self._told("calendar_list")
        known: UserEmailConfig = self.outlook.configs.kept[key, connection]
        self.outlook.configs.kept[key, connection] = known.model_copy(update={"time_zone": zone})
        self.outlook.workspaces.forget(key)
        self.reader = zone

    async def _told(self, tool: str, **arguments: Any) -> str:
        answer = await self.outlook.client.call_tool(tool, arguments)
        text = text_of(answer)
        assert not answer.is_error, (text, arguments)
        return text

    async def _save(self, asked: Asked) -> bool:
        """By event_save; False when its time is refused, as it has to be."""
        arguments = {"subject": asked.subject, "start": _written(asked.start), "end": _written(asked.end)}
        arguments |= {"zone": asked.zone} if asked.zone != self.reader or self.rng.random() < 0.5 else {}
        arguments |= {"repeat": asked.rule} if asked.rule else {}
        if not is_plain(asked):
            answer = await self.outlook.client.call_tool("event_save", arguments)
            assert answer.is_error, (arguments, text_of(answer))
            assert "does not exist in" in text_of(answer) or "comes twice in" in text_of(answer), text_of(answer)
            self.figures.refused += 1
            return False
        told = await self._told("event_save", **arguments)
        self.figures.by_tool += 1
        (shown,) = asked.instances(asked.first_day)
        wanted = expected(shown, date.min, self.reader, [])
        day = f"{wanted.first_day:%a} {wanted.first_day.day} {wanted.first_day:%b %Y}"
        assert f"When: {day} {wanted.start or 'all day'}" in told, (told, wanted)
        return True

    async def _post(self, wanted: Sequence[Asked]) -> None:
        for begin in range(0, len(wanted), _BATCH):
            requests = [
                {"id": str(number), "method": "POST", "url": "/me/events", "body": _body(asked), "headers": _JSON}
                for number, asked in enumerate(wanted[begin : begin + _BATCH])
            ]
            answer = (await self.graph.post("/$batch", json={"requests": requests})).raise_for_status().json()
            failed = [part["body"] for part in answer["responses"] if part["status"] != 201]
            assert not failed, failed

    def _count(self, kept: Sequence[Asked]) -> None:
        self.figures.events += len(kept)
        for asked in kept:
            if asked.recurrence:
                self.figures.kinds[f"{asked.recurrence['pattern']['type']} {asked.recurrence['range']['type']}"] += 1
            else:
                self.figures.kinds["timed" if isinstance(asked.start, datetime) else "all day"] += 1

    async def _compare(self, kept: Sequence[Asked], first: date, last: date) -> dict[tuple[str, str], str]:
        """What is kept and what is printed with what was asked for; the ids by subject and day of the series."""
        instances = [instance for asked in kept for instance in asked.instances(last + 2 * DAY)]
        self._compare_kept(instances, first, last)
        within = [instance for instance in instances if instance.is_within(first, last, self.reader)]
        lines = sorted(expected(instance, first, self.reader, within) for instance in within)
        text = await self._told("calendar_list", start=first.isoformat(), end=last.isoformat())
        this_year = datetime.now(ZoneInfo(self.reader)).year
        read = list(printed(text, this_year))
        shown = sorted(line for _, line in read)
        wrong = [pair for pair in zip_longest(shown, lines) if None in pair or not is_same(*pair)]
        assert not wrong, (self.reader, wrong[:3], text)
        assert [line.below for _, line in read] == sorted(line.below for _, line in read)
        assert _says_how_many(text, len(lines)), text
        self.figures.lines += len(lines)
        return {(line.subject, handle.partition("@")[2]): handle for handle, line in read}

    def _compare_kept(self, instances: Sequence[Instance], first: date, last: date) -> None:
        """The moments and days that the sandbox has, a day further on both sides."""
        account = self.sandbox.store.mailbox(self.user.oid).account
        calendar = Calendars(self.sandbox.store.database, account).default_calendar()
        after, before = moment_of(first - DAY, "UTC"), moment_of(last + 2 * DAY, "UTC")
        held = Events(self.sandbox.store.database, account).view(calendar, after, before)
        kept = Counter((str(event.fields["subject"]), event.start, event.end) for event in held)
        wanted = Counter((instance.subject, *_bounds(instance)) for instance in instances)
        near = {
            key: n for key, n in wanted.items() if key[1] < before and (key[2] > after or key[1] == key[2] == after)
        }
        assert kept == Counter(near), (self.reader, kept - Counter(near), Counter(near) - kept)
        self.figures.dates += len(held)

    async def _except(
        self, kept: Sequence[Asked], handles: dict[tuple[str, str], str], first: date, last: date
    ) -> None:
        """Moves some dates of series by event_save, and deletes others by event_delete."""
        series = {asked.subject: asked for asked in kept if asked.rule}
        dates = [(series[subject], day) for subject, day in handles if day and subject in series]
        for asked, day in self.rng.sample(dates, min(_EXCEPTIONS, len(dates))):
            original = datetime.strptime(day, "%y%m%d").date()
            handle = handles[asked.subject, day]
            if self.rng.random() < 0.4 or not isinstance(asked.start, datetime):
                await self._told("event_delete", ids=[handle])
                asked.left_out.add(original)
            else:
                start = moment_of(original, asked.zone) + self.rng.randrange(1, 22) * _HOUR
                usual = moment_of(datetime.combine(original, asked.start.time()), asked.zone)
                if start == usual or start.astimezone(zone_of(asked.zone)).date() != original:
                    continue
                there = start.astimezone(zone_of(self.reader))
                end = start + self.rng.choice((1, 3)) * _HOUR
                written = there.isoformat(timespec="minutes")
                plain = there.replace(tzinfo=None)
                if not is_ambiguous(plain, self.reader) and not is_skipped(plain, self.reader):
                    written = self.rng.choice((written, plain.isoformat(timespec="minutes")))
                await self._told("event_save", id=handle, start=written, end=f"{(end - start) // _HOUR}h")
                asked.moved[original] = (start, end)
            self.figures.exceptions += 1


_JSON = {"Content-Type": "application/json"}


def _written(at: datetime | date) -> str:
    return at.isoformat(timespec="minutes") if isinstance(at, datetime) else at.isoformat()


def _bounds(instance: Instance) -> tuple[datetime, datetime]:
    """All day, midnights of UTC."""
    if isinstance(instance.start, datetime) and isinstance(instance.end, datetime):
        return instance.start, instance.end
    return moment_of(instance.start, "UTC"), moment_of(instance.end + DAY, "UTC")


def _body(asked: Asked) -> dict[str, Any]:
    is_all_day = not isinstance(asked.start, datetime)
    end = asked.end + DAY if is_all_day else asked.end
    times = {
        name: {
            "dateTime": (at if isinstance(at, datetime) else datetime.combine(at, datetime.min.time())).isoformat(),
            "timeZone": zone,
        }
        for name, at, zone in (("start", asked.start, asked.zone), ("end", end, asked.end_zone))
    }
    recurrence = {"recurrence": asked.recurrence} if asked.recurrence else {}
    return {"subject": asked.subject, "isAllDay": is_all_day, **times, **recurrence}


def _says_how_many(text: str, number: int) -> bool:
    said = f"All {number} events" if number > 1 else "The only event" if number else "No event"
    return said in text.splitlines()[-1]


@asynccontextmanager
async def open_rounds(folder: Path, seed: int) -> AsyncIterator[Rounds]:
    async with run_sandbox(SandboxOptions(seed=False, control=True, concurrency=0)) as sandbox:
        user = sandbox.users[0]
        token = await SandboxTokens(sandbox, SCOPES).access_token(UserKey(user.tid, user.oid))
        headers = {"Authorization": f"Bearer {token.get_secret_value()}"}
        async with (
            httpx.AsyncClient(base_url=sandbox.graph_url, headers=headers, trust_env=False, timeout=60) as graph,
            outlook_of(sandbox, user, folder / "audit.log") as outlook,
        ):
            yield Rounds(sandbox, outlook, graph, random.Random(seed))
