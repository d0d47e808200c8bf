"""Events, series and their dates in the imitated Graph."""

from __future__ import annotations

from itertools import islice

import pytest
from dateutil.rrule import rrulestr

from outlook_mcp.sandbox.mime.recurrence import write_rule
from outlook_mcp.sandbox.store.calendar.recurrence import DAYS, series_dates
from tests.sandbox.calendar.conftest import MONTH, event, every_days, view, weekly
from tests.sandbox.graph.conftest import Client

IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}


async def test_an_event_is_made_read_changed_and_deleted(anna: Client) -> None:
    made = await anna.post("/me/events", event("Plan", "2026-12-01T10:00", "2026-12-01T11:00"))
    assert made["start"] == {"dateTime": "2026-12-01T09:00:00.0000000", "timeZone": "UTC"}
    assert (made["originalStartTimeZone"], made["type"], made["isOrganizer"]) == (
        "Europe/Berlin",
        "singleInstance",
        True,
    )
    path = f"/me/events/{made['id']}"
    changed = await anna.patch(path, {"location": {"displayName": "Room Pine"}})
    assert (changed["location"]["displayName"], changed["subject"]) == ("Room Pine", "Plan")
    refused = {"headers": {"If-Match": made["@odata.etag"]}, "json": {"subject": "x"}}
    assert await anna.fails("PATCH", path, 412, **refused) == "ErrorIrresolvableConflict"
    await anna.delete(path)
    assert await anna.fails("GET", path, 404) == "ErrorItemNotFound"


async def test_times_come_in_the_zone_that_is_preferred_and_an_unknown_one_is_refused(anna: Client) -> None:
    made = await anna.post("/me/events", event("Plan", "2026-12-01T10:00", "2026-12-01T11:00"))
    tokyo = {"Prefer": 'outlook.timezone="Tokyo Standard Time"'}
    read = await anna.get(f"/me/events/{made['id']}", headers=tokyo)
    assert read["start"] == {"dateTime": "2026-12-01T18:00:00.0000000", "timeZone": "Tokyo Standard Time"}
    custom = {"Prefer": 'outlook.timezone="tzone://Microsoft/Custom"'}
    assert await anna.fails("GET", f"/me/calendarView?{MONTH}", 400, headers=custom) == "TimeZoneNotSupportedException"


async def test_a_view_has_the_dates_of_series_and_single_events_first(anna: Client) -> None:
    series = event(
        "Standup", "2026-11-30T09:00", "2026-11-30T09:15", recurrence=weekly("2026-11-30", "monday", "friday")
    )
    await anna.post("/me/events", series)
    await anna.post("/me/events", event("Dinner", "2026-12-24T18:00", "2026-12-24T20:00"))
    found = (await anna.get(f"/me/calendarView?{MONTH}"))["value"]
    assert [listed["subject"] for listed in found] == ["Dinner", *["Standup"] * 4]
    assert [listed["start"]["dateTime"][5:16] for listed in found[1:]] == [
        *("11-30T08:00", "12-04T08:00", "12-07T08:00", "12-11T08:00"),
    ]
    assert [listed["subject"] for listed in await view(anna)] == [*["Standup"] * 4, "Dinner"]
    assert len((await anna.get("/me/events"))["value"]) == 2


async def test_an_occurrence_has_an_id_of_its_own_that_tells_its_series_and_date(anna: Client) -> None:
    series = event("Standup", "2026-11-30T09:00", "2026-11-30T09:15", recurrence=weekly("2026-11-30", "monday"))
    made = await anna.post("/me/events", series)
    for headers in ({}, IMMUTABLE):
        second = (await view(anna, headers=headers))[1]
        read = await anna.get(f"/me/events/{second['id']}", headers=headers)
        assert (read["type"], read["start"]["dateTime"][:10]) == ("occurrence", "2026-12-07")
        master = await anna.get(f"/me/events/{read['seriesMasterId']}", headers=headers)
        assert (master["type"], master["iCalUId"]) == ("seriesMaster", made["iCalUId"])
        assert read["iCalUId"] != made["iCalUId"]


async def test_a_changed_and_a_deleted_date_are_told_by_name_and_restored_by_a_change_of_the_series(
    anna: Client,
) -> None:
    series = event("Standup", "2026-11-30T09:00", "2026-11-30T09:15", recurrence=weekly("2026-11-30", "monday"))
    made = await anna.post("/me/events", series)
    first, second, third, _ = await view(anna)
    late = event("Late", "2026-12-08T17:00", "2026-12-08T17:15")
    changed = await anna.patch(f"/me/events/{second['id']}", late)
    assert (changed["type"], changed["id"]) == ("exception", second["id"])
    await anna.delete(f"/me/events/{third['id']}")
    names = "$select=cancelledOccurrences,exceptionOccurrences"
    told = await anna.get(f"/me/events/{made['id']}?{names}")
    assert told["cancelledOccurrences"] == [f"OID.{made['id']}.2026-12-14"]
    assert [listed["id"] for listed in told["exceptionOccurrences"]] == [second["id"]]
    assert "cancelledOccurrences" not in await anna.get(f"/me/events/{made['id']}")
    assert [listed["subject"] for listed in await view(anna)] == ["Standup", "Late", "Standup"]
    across = event("x", "2026-12-22T09:00", "2026-12-22T09:15")
    assert await anna.fails("PATCH", f"/me/events/{first['id']}", 400, json=across) == "ErrorOccurrenceCrossingBoundary"
    await anna.patch(f"/me/events/{made['id']}", event("Standup", "2026-11-30T10:00", "2026-11-30T10:15"))
    assert [listed["start"]["dateTime"][8:16] for listed in await view(anna)] == [
        "30T09:00",
        "07T09:00",
        "14T09:00",
        "21T09:00",
    ]


async def test_an_all_day_event_is_on_the_same_days_in_every_zone(anna: Client) -> None:
    leave = event("Leave", "2026-12-02T00:00", "2026-12-04T00:00", zone="Asia/Tokyo", isAllDay=True)
    await anna.post("/me/events", leave)
    for zone in ("UTC", "Pacific/Apia", "Hawaiian Standard Time"):
        (found,) = await view(anna, headers={"Prefer": f'outlook.timezone="{zone}"'})
        assert (found["start"]["dateTime"][:19], found["end"]["dateTime"][:19]) == (
            "2026-12-02T00:00:00",
            "2026-12-04T00:00:00",
        )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"subject": "x"}, "ErrorPropertyValidationFailure"),
        (event("x", "2026-12-01T10:00", "2026-12-01T11:00", zone="EST"), "TimeZoneNotSupportedException"),
        (event("x", "2026-12-01T11:00", "2026-12-01T10:00"), "ErrorCalendarEndDateIsEarlierThanStartDate"),
        (event("x", "2026-12-01T10:00", "2026-12-02T10:00", isAllDay=True), "ErrorPropertyValidationFailure"),
        (event("x", "2026-12-01T10:00", "2026-12-01T11:00", colour="red"), "RequestBodyRead"),
        (event("x", "0001-01-01T00:00", "2026-12-01T11:00"), "ErrorPropertyValidationFailure"),
        (event("x", "2026-12-01T10:00", "9999-12-31T23:00-11:00"), "ErrorPropertyValidationFailure"),
        (
            event("x", "2026-12-01T10:00", "2026-12-01T11:00", recurrence=every_days("2026-12-01", 10**9)),
            "ErrorPropertyValidationFailure",
        ),
        (
            event("x", "2026-12-01T10:00", "2026-12-01T11:00", recurrence=weekly("2026-12-02", "monday")),
            "ErrorPropertyValidationFailure",
        ),
    ],
)
async def test_what_graph_does_not_take_is_refused_in_its_words(
    anna: Client, body: dict[str, object], code: str
) -> None:
    assert await anna.fails("POST", "/me/events", 400, json=body) == code


async def test_the_same_request_with_the_same_transaction_id_gives_the_same_event(anna: Client) -> None:
    body = event("Plan", "2026-12-01T10:00", "2026-12-01T11:00", transactionId="one")
    assert (await anna.post("/me/events", body))["id"] == (await anna.post("/me/events", body))["id"]
    other = {**body, "subject": "Other"}
    assert await anna.fails("POST", "/me/events", 409, json=other) == "ErrorDuplicateTransactionId"
    assert len(await view(anna)) == 1


async def test_a_filter_by_words_fails_once_an_event_has_no_subject(anna: Client) -> None:
    await anna.post("/me/events", event("Plan", "2026-12-01T10:00", "2026-12-01T11:00"))
    assert len((await anna.get("/me/events?$filter=contains(subject,'plan')"))["value"]) == 1
    await anna.post("/me/events", {**event("x", "2026-12-01T10:00", "2026-12-01T11:00"), "subject": None})
    assert await anna.fails("GET", "/me/events?$filter=contains(subject,'plan')", 500) == "ErrorInternalServerError"


@pytest.mark.parametrize(
    ("after", "before"), [("0001-01-01T00:00:00+02:00", "0003-01-01"), ("9998-01-01", "9999-12-31T23:59:59-02:00")]
)
async def test_at_the_ends_of_time_nothing_lies(anna: Client, after: str, before: str) -> None:
    await anna.post("/me/events", event("x", "2026-12-01T10:00", "2026-12-01T11:00"))
    body = event("x", "2026-12-01T10:00", "2026-12-01T11:00", recurrence=every_days("2026-12-01", 999))
    await anna.post("/me/events", body)
    period = {"startDateTime": after, "endDateTime": before}
    assert (await anna.get("/me/calendarView", params=period))["value"] == []


async def test_a_period_above_1825_days_is_refused(anna: Client) -> None:
    years = "startDateTime=2020-01-01T00:00:00Z&endDateTime=2025-01-01T00:00:00Z"
    assert await anna.fails("GET", f"/me/calendarView?{years}", 400) == "ErrorInvalidRequest"


def test_dates_of_series_are_those_of_another_implementation() -> None:
    patterns = [
        *({"type": "daily", "interval": number} for number in (1, 3)),
        *(
            {"type": "weekly", "interval": number, "daysOfWeek": ["monday", "sunday"], "firstDayOfWeek": first}
            for number in (1, 2)
            for first in ("sunday", "monday")
        ),
        *({"type": "absoluteMonthly", "interval": number, "dayOfMonth": 15} for number in (1, 5)),
        *(
            {"type": "relativeMonthly", "interval": 1, "daysOfWeek": days, "index": index}
            for days in (["friday"], list(DAYS[:5]), ["saturday", "sunday"])
            for index in ("first", "third", "last")
        ),
        {"type": "absoluteYearly", "interval": 1, "month": 2, "dayOfMonth": 15},
        {"type": "relativeYearly", "interval": 2, "month": 11, "daysOfWeek": ["thursday"], "index": "fourth"},
    ]
    for pattern in patterns:
        recurrence = {"pattern": pattern, "range": {"type": "noEnd", "startDate": "2026-01-01"}}
        expected = islice(rrulestr(f"DTSTART:20260101T000000\nRRULE:{write_rule(recurrence)}"), 30)
        assert list(islice(series_dates(recurrence), 30)) == [moment.date() for moment in expected], pattern
