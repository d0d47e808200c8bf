"""Free times of several people: what is asked of Graph, and what is said of those it does not show."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from outlook_mcp.calendar.lazy import events_answer, free_times_answer
from outlook_mcp.errors import InvalidInput
from tests.calendar.scripted import CalendarGraph, calendar_of, wire_event
from tests.calendar.shown import BERLIN, CONTEXT, event, in_zone
from tests.graph.scripted_graph import refusal
from tests.mail.shown import unmarked

BOB = "bob@contoso.example"


def schedule(address: str, *items: dict[str, Any], zone: str = "W. Europe Standard Time") -> dict[str, Any]:
    hours = {
        "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "startTime": "09:00:00.0000000",
        "endTime": "17:00:00.0000000",
        "timeZone": {"name": zone},
    }
    return {"scheduleId": address, "availabilityView": "0", "scheduleItems": list(items), "workingHours": hours}


async def test_schedules_are_asked_for_in_twenties_and_in_utc() -> None:
    people = [f"p{number}@contoso.example" for number in range(45)]
    graph = CalendarGraph(
        {"/me/calendar/getSchedule": [schedule(address) for address in ("alice@contoso.example", *people)]}
    )
    async with calendar_of(graph) as calendar:
        found = await calendar.find_times([*people, "Alice@contoso.example", people[0].upper()])
    assert [len(body["schedules"]) for body in graph.bodies if body] == [20, 20, 6]
    assert graph.bodies[0]["schedules"][0] == "alice@contoso.example"
    assert graph.bodies[0]["startTime"] == {"dateTime": "2026-11-30T07:00:00", "timeZone": "UTC"}
    answer = free_times_answer(CONTEXT, found)
    assert answer.startswith("30 min for the user and 45 others, Mon 30 Nov 2026 to Sun 6 Dec 2026")
    assert "1. Mon 30 Nov 2026 09:00-09:30: all free" in answer


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (refusal(403, "ErrorAccessDenied"), "refused, 403 ErrorAccessDenied, as it does to personal accounts"),
        (refusal(404, "ErrorItemNotFound"), "has no such calendars for this account, 404 ErrorItemNotFound"),
        (refusal(400, "ErrorInvalidRequest"), "did not take the question, 400 ErrorInvalidRequest"),
    ],
)
async def test_why_the_calendars_of_others_were_not_looked_at_is_told_by_what_graph_answered(
    refused: Response, said: str
) -> None:
    graph = CalendarGraph({"/me/calendar/getSchedule": refused, "/me/calendarView": []})
    async with calendar_of(graph) as calendar:
        assert f"Not looked at (Microsoft Graph {said}" in free_times_answer(CONTEXT, await calendar.find_times([BOB]))


async def test_the_other_calendars_of_the_user_make_them_busy_and_those_of_others_do_not() -> None:
    calendars = [
        {"id": "A0", "name": "Calendar", "isDefaultCalendar": True},
        {"id": "A1", "name": "Family"},
        {"id": "A2", "name": "Broken", "owner": {"address": "alice@contoso.example"}},
        {"id": "B1", "name": "Bob's", "owner": {"address": BOB}},
    ]
    graph = CalendarGraph(
        {
            "/me/calendar/getSchedule": [schedule("alice@contoso.example"), schedule(BOB)],
            "/me/calendars": calendars,
            "/me/calendars/A1/calendarView": [
                wire_event(event("1", 0, "09:00-12:00", subject="Secret party")),
                wire_event(event("2", 0, "12:00-17:00", showAs="free")),
            ],
        }
    )
    async with calendar_of(graph) as calendar:
        answer = free_times_answer(CONTEXT, await calendar.find_times([BOB], start="2026-11-30", end="2026-11-30"))
    assert "hours: Mon 30 12-17.\n" in answer
    assert "The user's other calendars count too: {Family}.\n" in unmarked(answer)
    assert "Not looked at are calendars of the user: {Broken}." in unmarked(answer)
    assert "Secret party" not in answer
    assert not [path for path, _ in graph.asked if "B1" in path or path.endswith("A0/calendarView")]


async def test_times_of_a_personal_account_come_from_its_own_calendar() -> None:
    graph = CalendarGraph(
        {
            "/me/calendar/getSchedule": refusal(403, "ErrorAccessDenied"),
            "/me/calendarView": [wire_event(event("1", 0, "09:00-11:00"))],
        }
    )
    async with calendar_of(graph) as calendar:
        answer = free_times_answer(CONTEXT, await calendar.find_times([BOB]))
    assert "1. Mon 30 Nov 2026 11:00-11:30: all who can be seen are free" in answer
    assert "as it does to personal accounts and where an organisation forbids it): bob@contoso.example." in answer
    assert "Working hours not known, taken as Mon-Fri 9-17:30 here: alice@contoso.example." in answer


@pytest.mark.parametrize(
    ("people", "start", "end", "said"),
    [
        (["Bob"], "today", None, "'Bob' is not an address"),
        ([BOB], "2026-11-01", "2026-11-20", "The period is over"),
        ([BOB], "today", "2027-03-01", "At most 42 days"),
        ([f"p{number}@x.example" for number in range(101)], "today", None, "At most 100 people"),
    ],
)
async def test_what_cannot_be_looked_for_is_refused(people: list[str], start: str, end: str | None, said: str) -> None:
    async with calendar_of(CalendarGraph()) as calendar:
        with pytest.raises(InvalidInput, match=said):
            await calendar.find_times(people, 30, start, end)


async def test_free_times_are_those_of_the_working_hours_of_the_mailbox() -> None:
    hours = schedule("x", zone="Tokyo Standard Time")["workingHours"]
    graph = CalendarGraph({"/me/calendarView": [], "/me/mailboxSettings": {"workingHours": hours}})
    async with calendar_of(graph) as calendar:
        found = await calendar.list_events("2026-11-30", "2026-11-30", free_minutes=30)
    assert "Today, Mon 30 Nov; free 1-9" in events_answer(in_zone(BERLIN), found) or "free 1-9" in events_answer(
        CONTEXT, found
    )


async def test_a_503_to_a_question_for_schedules_is_asked_again() -> None:
    graph = CalendarGraph()
    answers = [JSONResponse({"error": {"code": "x", "message": "x"}}, 503, headers={"Retry-After": "0"})]

    def answered(path: str, query: str) -> Any:
        graph.asked.append((path, {}))
        return answers.pop() if answers else JSONResponse({"value": [schedule("alice@contoso.example")]})

    graph.answer_of = answered  # type: ignore[method-assign]
    async with calendar_of(graph) as calendar:
        found = await calendar.find_times([])
    assert [path for path, _ in graph.asked].count("/me/calendar/getSchedule") == 2
    assert "30 min for the user, Mon 30 Nov" in free_times_answer(CONTEXT, found)


async def test_the_calendar_of_somebody_that_was_added_to_the_mailbox_is_read_there() -> None:
    added = {"id": "B1", "name": "Bob", "owner": {"address": BOB}}
    graph = CalendarGraph({"/me/calendars": [added], "/me/calendars/B1/calendarView": [wire_event(event("1"))]})
    async with calendar_of(graph) as calendar:
        found = await calendar.list_events(calendar=BOB)
    assert [item.owner for item in found.events] == [BOB]


async def test_a_meeting_of_more_than_a_day_is_refused() -> None:
    async with calendar_of(CalendarGraph()) as calendar:
        with pytest.raises(InvalidInput, match="at most a day"):
            await calendar.find_times([], 1441)
