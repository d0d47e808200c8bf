"""The best times for several people: nobody is taken for free who is not, and nobody for busy who is free."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from outlook_mcp.calendar.finding import FoundTimes
from outlook_mcp.calendar.free_times import best_times, common_times
from outlook_mcp.calendar.lazy import free_times_answer
from outlook_mcp.calendar.periods import EventPeriod
from outlook_mcp.calendar.schedules import (
    BusyTime,
    Hours,
    Kind,
    PersonsTimes,
    Schedule,
    ScheduleError,
    ScheduleItem,
    WorkingHours,
    ZoneName,
    own_times,
    times_of,
)
from outlook_mcp.calendar.times import midnight
from outlook_mcp.graph.models import ZonedTime
from tests.calendar.shown import BERLIN, CONTEXT, MONDAY, event, invited
from tests.mail.shown import tokens

WEEK = EventPeriod(midnight(MONDAY, BERLIN), midnight(MONDAY + timedelta(days=7), BERLIN))
OFFICE = Hours(frozenset(range(5)), time(9), time(17, 30), BERLIN)
NEW_YORK = Hours(frozenset(range(5)), time(9), time(17), ZoneInfo("America/New_York"))
ME = "alice@contoso.example"


def at(day: int, clock: str) -> datetime:
    return datetime.combine(MONDAY + timedelta(days=day), time.fromisoformat(clock), BERLIN)


def taken(day: int, hours: str, kind: Kind = "busy") -> BusyTime:
    begin, end = (at(day, clock).astimezone(UTC) for clock in hours.split("-"))
    return BusyTime(begin, end, kind)


def person(name: str, *busy: BusyTime, hours: Hours = OFFICE) -> PersonsTimes:
    return PersonsTimes(f"{name}@contoso.example", busy, hours)


def first_of(*people: PersonsTimes, minutes: int = 30, period: EventPeriod = WEEK) -> str:
    found = best_times(people, period, timedelta(minutes=minutes))[0]
    return f"{found.start.astimezone(BERLIN):%a %H:%M}"


def test_the_first_time_at_which_all_are_free_and_at_work_is_the_best() -> None:
    assert first_of(person("alice", taken(0, "09:00-11:00")), person("bob", taken(0, "10:30-11:40"))) == "Mon 13:00"
    assert first_of(person("alice", taken(0, "09:00-11:00")), person("bob", taken(0, "11:30-12:00"))) == "Mon 11:00"


def test_lunch_is_taken_only_when_there_is_nothing_else() -> None:
    busy = [taken(day, f"{hours}") for day in range(5) for hours in ("09:00-12:00", "13:00-17:30")]
    assert first_of(person("alice", *busy)) == "Mon 12:00"
    assert first_of(person("alice", *busy[:-1])) == "Fri 13:00"


def test_lunch_and_focus_time_of_others_are_left_alone_where_they_are_known() -> None:
    assert first_of(person("alice"), person("bob", taken(0, "09:00-10:00", "kept"))) == "Mon 10:00"


def test_perhaps_busy_is_better_than_busy_and_worse_than_free() -> None:
    busy = [taken(day, "09:00-17:30") for day in range(4)]
    perhaps = taken(4, "09:00-17:00", "tentative")
    assert first_of(person("alice"), person("bob", *busy, perhaps)) == "Fri 17:00"
    assert first_of(person("alice"), person("bob", *busy, taken(4, "09:00-17:30", "tentative"))) == "Fri 09:00"


def test_people_in_other_zones_meet_within_the_working_hours_of_both() -> None:
    assert first_of(person("alice"), person("nina", hours=NEW_YORK)) == "Mon 15:00"


def test_a_time_at_which_the_user_is_busy_is_no_time_while_there_is_another() -> None:
    mine = [taken(day, "09:00-17:30") for day in range(5)]
    assert first_of(person("alice", *mine), person("bob")) == "Mon 07:00"
    whole = BusyTime(WEEK.start.astimezone(UTC), WEEK.end.astimezone(UTC), "busy")
    found = best_times([person("alice", whole)], WEEK, timedelta(minutes=30))
    assert found[0].busy == [ME]


def test_at_most_two_times_a_day_are_told_and_none_overlaps_another() -> None:
    found = best_times([person("alice")], WEEK, timedelta(minutes=60))
    days = [time.start.astimezone(BERLIN).date() for time in found]
    assert len(found) == 5
    assert max(days.count(day) for day in days) == 2
    ordered = sorted(found, key=lambda good: good.start)
    assert all(first.end <= second.start for first, second in pairwise(ordered))


def test_times_fit_into_a_day_on_which_the_clock_is_set_back() -> None:
    period = EventPeriod(datetime(2026, 10, 25, tzinfo=BERLIN), datetime(2026, 10, 26, tzinfo=BERLIN))
    always = Hours(frozenset(range(7)), time(0), time(23, 59), BERLIN)
    found = common_times([person("alice", hours=always)], period, timedelta(minutes=30))
    assert sum((end - start for start, end in found), timedelta()) == timedelta(hours=25)


@pytest.mark.parametrize("count", [1, 25])
def test_no_common_time_touches_a_busy_one_and_none_is_missed(count: int) -> None:
    source = random.Random(count)
    people = []
    for number in range(count):
        busy = []
        for _ in range(12):
            begin = WEEK.start + timedelta(minutes=5 * source.randrange(7 * 288))
            busy.append(BusyTime(begin.astimezone(UTC), begin.astimezone(UTC) + timedelta(minutes=40), "busy"))
        people.append(person(f"p{number}", *busy))
    found = common_times(people, WEEK, timedelta(minutes=15))
    for start, end in found:
        assert not [gap for who in people for gap in who.busy if gap.start < end and start < gap.end]
    quarters = WEEK.start.astimezone(UTC)
    while quarters < WEEK.end.astimezone(UTC):
        end = quarters + timedelta(minutes=15)
        is_free = OFFICE.include(quarters) and not [
            gap for who in people for gap in who.busy if gap.start < end and quarters < gap.end
        ]
        assert is_free == any(start <= quarters and end <= until for start, until in found)
        quarters = end


def schedule(**fields: object) -> PersonsTimes:
    return times_of("bob@contoso.example", Schedule(schedule_id="bob@contoso.example", **fields), WEEK)  # type: ignore[arg-type]


def test_statuses_of_a_schedule_are_told_apart() -> None:
    span = {
        "start": ZonedTime(date_time="2026-11-30T09:00:00.0000000", time_zone="UTC"),
        "end": ZonedTime(date_time="2026-11-30T10:00:00.0000000", time_zone="UTC"),
    }
    items = [
        ScheduleItem(status=status, subject=subject, **span)
        for status, subject in (
            ("busy", None),
            ("oof", None),
            ("tentative", None),
            ("free", None),
            ("workingElsewhere", None),
            ("free", "Lunch"),
        )
    ]
    assert [found.kind for found in schedule(schedule_items=items).busy] == ["busy", "busy", "tentative", "kept"]


def test_a_schedule_without_items_is_read_from_its_digits() -> None:
    found = schedule(availability_view="0123400").busy
    assert [(gap.kind, gap.start - WEEK.start.astimezone(UTC)) for gap in found] == [
        ("tentative", timedelta(minutes=15)),
        ("busy", timedelta(minutes=30)),
        ("busy", timedelta(minutes=45)),
    ]


def test_whoever_cannot_be_seen_is_not_taken_for_free() -> None:
    assert schedule(error=ScheduleError(response_code="5016")).unseen == "no such mailbox"
    assert schedule(error=ScheduleError(response_code="5009")).unseen == "their calendar may not be seen"
    assert schedule().unseen == "their calendar may not be seen"
    hidden = PersonsTimes("x@x.example", unseen="no such mailbox")
    assert best_times([person("alice"), hidden], WEEK, timedelta(minutes=30))[0].penalty == 0
    answer = free_times_answer(CONTEXT, found_for(person("alice"), hidden))
    assert "Not looked at (no such mailbox): x@x.example. Ask them." in answer


@pytest.mark.parametrize(
    "hours",
    [
        WorkingHours(
            days_of_week=["monday"],
            start_time="08:00:00.0000000",
            end_time="17:00",
            time_zone=ZoneName(name="Customized Time Zone"),
        ),
        WorkingHours(days_of_week=[], start_time="08:00:00", end_time="17:00:00", time_zone=ZoneName(name="UTC")),
        WorkingHours(),
    ],
)
def test_working_hours_in_a_zone_that_is_not_known_are_not_those_of_utc(hours: WorkingHours) -> None:
    assert hours.hours is None


def test_own_events_that_take_no_time_leave_a_personal_calendar_free() -> None:
    asked: dict[str, Any] = {"isOrganizer": False, "attendees": invited("none")}
    events = [
        event("1", showAs="free"),
        event("2", isCancelled=True),
        event("3", **asked, responseStatus={"response": "declined"}),
        event("4", showAs="workingElsewhere"),
        event("5", **asked, responseStatus={"response": "notResponded"}),
        event("6", subject="Lunch with Tom", showAs="free"),
        event("7", 0, "1", showAs="oof"),
    ]
    assert [found.kind for found in own_times(ME, events, None, BERLIN).busy] == ["tentative", "kept", "busy"]


def found_for(*people: PersonsTimes, minutes: int = 30, **fields: object) -> FoundTimes:
    length = timedelta(minutes=minutes)
    return FoundTimes(
        minutes=minutes,
        period=WEEK,
        people=people,
        best=best_times(people, WEEK, length),
        common=common_times(people, WEEK, length),
        **fields,  # type: ignore[arg-type]
    )


def test_an_answer_tells_the_best_times_what_speaks_against_them_and_other_clocks() -> None:
    busy = [taken(day, "09:00-17:30") for day in range(5)]
    answer = free_times_answer(
        CONTEXT, found_for(person("alice"), person("bob", *busy), PersonsTimes("nina@x.example", (), NEW_YORK))
    )
    assert answer.split("\n")[:2] == [
        "30 min for the user and 2 others, Mon 30 Nov 2026 to Sun 6 Dec 2026, Europe/Berlin.",
        "1. Mon 30 Nov 2026 17:30-18:00: outside working hours: the user, bob",
    ]
    assert "Never are all free in their working hours." in answer
    assert "17:30 here is 11:30 in America/New_York: nina@x.example." in answer


def test_a_part_of_a_day_in_which_no_time_was_looked_for_is_not_called_the_day() -> None:
    hours = EventPeriod(at(0, "09:00"), at(0, "09:15"))
    answer = free_times_answer(CONTEXT, replace(found_for(person("alice")), period=hours, best=[]))
    assert answer.startswith("30 min for the user, Mon 30 Nov 2026 09:00 to 09:15, Europe/Berlin.\n")


def test_a_week_of_8_people_costs_at_most_400_tokens() -> None:
    source = random.Random(8)
    people = []
    for name in ("alice", "bob", "carol", "dana", "erin", "frank", "grace", "hugo"):
        busy = [
            taken(day, f"{hour:02}:{minute}-{hour + 1:02}:{minute}")
            for day in range(5)
            for hour, minute in ((source.randrange(9, 16), source.choice(("00", "30"))) for _ in range(2))
        ]
        people.append(person(name, *busy, hours=NEW_YORK if name == "hugo" else OFFICE))
    answer = free_times_answer(CONTEXT, found_for(*people, assumed=[people[3].address]))
    assert "All free in working hours" in answer or "Never" in answer
    assert tokens(answer) <= 400
    assert tokens(free_times_answer(CONTEXT, found_for(*people[:-1]))) <= 400
