"""The dates of random series, and the ids of occurrences that the web shows."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar

from outlook_mcp.sandbox.mime.recurrence import recurrence as recurrence_of
from outlook_mcp.sandbox.mime.recurrence import write_rule
from outlook_mcp.sandbox.store import MailStore
from outlook_mcp.sandbox.store.calendar.ids import occurrence_id, split_occurrence
from outlook_mcp.sandbox.store.calendar.recurrence import DAYS, INDEXES, series_dates
from tests.effort import usually
from tests.sandbox.calendar.conftest import event, view, weekly
from tests.sandbox.graph.conftest import BEN, UPNS, Client

KINDS = ("daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly")
UNTIL = date(2030, 1, 1)
# An id of each kind with the date that its page on the web told, and the ids of their series where it told them.
ORDINARY = (
    "AAMkADg2YzQzNzgwLTE4MGQtNDQwZC05OWZlLTViMjBjMzA2NTEzMwFRAAgI3D-L3RfAAEYAAAAAeSYPUpsQW0ex0XQevGDzrwcAA3aUUvi0ikGD6"
    "_Be_G6BIgAAAAABDQAAA3aUUvi0ikGD6_Be_G6BIgAAAHtjvgAAEA=="
)
IMMUTABLE = "AAkBOQAICN4wbJIpwAAuAAAAAB2EAxGqZhHNm8gAqgAvxFoNAOtpUxZW-2ZHr9tjSZTO0jMAA2pPCT8AABA="
IMMUTABLE_SERIES = "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A62lTFlb-Zkev22NJlM7SMwADak8JPwAA"


def any_recurrence(chance: random.Random) -> dict[str, Any]:
    kind = chance.choice(KINDS)
    start = date(2026, 1, 1) + timedelta(days=chance.randrange(700))
    pattern: dict[str, Any] = {"type": kind, "interval": chance.choice((1, 1, 2, 3, 5))}
    pattern["firstDayOfWeek"], pattern["index"] = chance.choice(DAYS), chance.choice(list(INDEXES))
    if kind == "weekly" or kind.startswith("relative"):
        pattern["daysOfWeek"] = chance.sample(DAYS, chance.choice((1, 1, 2, 5, 7)))
    if kind.startswith("absolute"):
        pattern["dayOfMonth"] = chance.choice((1, 15, 28, 29, 30, 31))
    if kind.endswith("Yearly"):
        pattern |= {"month": chance.randrange(1, 13), "interval": chance.choice((1, 2))}
    span = chance.choice(
        (
            {"type": "noEnd"},
            {"type": "numbered", "numberOfOccurrences": chance.randrange(1, 40)},
            {"type": "endDate", "endDate": (start + timedelta(days=chance.randrange(800))).isoformat()},
        )
    )
    return {"pattern": pattern, "range": {"startDate": start.isoformat(), **span}}


def test_the_dates_of_random_series_are_those_that_dateutil_finds_by_the_rule_that_is_mailed() -> None:
    chance = random.Random(7)
    for _ in range(usually(300, thoroughly=5000)):
        recurrence = any_recurrence(chance)
        start = datetime.fromisoformat(recurrence["range"]["startDate"])
        rule = write_rule(recurrence)
        theirs = rrulestr(f"RRULE:{rule}", dtstart=start).between(start - timedelta(days=1), datetime(2030, 1, 1))
        ours: list[date] = []
        for day in series_dates(recurrence):
            if day >= UNTIL:
                break
            ours.append(day)
        assert ours == [moment.date() for moment in theirs], recurrence
        again = recurrence_of(rule, start, "UTC")
        assert again is not None
        assert again["pattern"].get("daysOfWeek") == recurrence["pattern"].get("daysOfWeek")
        assert again["pattern"]["type"] == recurrence["pattern"]["type"]
        if recurrence["pattern"]["type"].startswith("absolute"):
            assert again["pattern"]["dayOfMonth"] == recurrence["pattern"]["dayOfMonth"], rule


def test_ids_of_occurrences_that_the_web_shows_are_taken_apart_and_put_together() -> None:
    series, day = split_occurrence(ORDINARY)
    assert (day, occurrence_id(series, date(2024, 3, 9))) == (date(2024, 3, 9), ORDINARY)
    assert split_occurrence(IMMUTABLE) == (IMMUTABLE_SERIES, date(2025, 12, 1))
    assert split_occurrence(IMMUTABLE_SERIES) == (IMMUTABLE_SERIES, None)


async def test_a_series_begins_on_the_first_date_of_its_pattern(anna: Client) -> None:
    body = event("x", "2026-12-01T09:00", "2026-12-01T09:15", recurrence=weekly("2026-12-01", "wednesday"))
    made = await anna.post("/me/events", body)
    assert (made["start"]["dateTime"][:10], made["end"]["dateTime"][:10]) == ("2026-12-02", "2026-12-02")
    assert made["recurrence"]["range"]["startDate"] == "2026-12-02"
    assert len(await view(anna)) == 4


async def test_an_invitation_is_an_icalendar_object_that_another_program_reads(
    anna: Client, ben: Client, store: MailStore
) -> None:
    body = event("Plan, with words", "2026-11-30T10:00", "2026-11-30T11:00", UPNS[BEN], "zoe@outside.example")
    await anna.post("/me/events", {**body, "recurrence": weekly("2026-11-30", "monday")})
    await store.settled()
    (stored,) = store.mailbox(ben.oid).messages.select("1", (), "m.id", 5)
    text = store.mailbox(ben.oid).messages.content(stored)["calendar"]
    calendar: Any = Calendar.from_ical(text)
    (found,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], found["SUMMARY"], found["ORGANIZER"]) == (
        "REQUEST",
        "Plan, with words",
        "mailto:anna@contoso.com",
    )
    assert [str(person) for person in found["ATTENDEE"]] == [f"mailto:{UPNS[BEN]}", "mailto:zoe@outside.example"]
    assert found["RRULE"]["COUNT"] == [4]
    assert found.start.isoformat() == "2026-11-30T10:00:00+01:00"
