"""Invitations in the mail: when and where, the answer, and what is at the same time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from outlook_mcp.calendar.graph_area import CALENDAR
from outlook_mcp.calendar.invitations import InvitationState, InvitationStates
from outlook_mcp.calendar.models import Event
from outlook_mcp.graph.ids import Handle, MessageId
from outlook_mcp.mail.answers.listing import list_answer
from outlook_mcp.mail.answers.meeting import meeting_line, meeting_note
from outlook_mcp.mail.invitations import Meeting
from outlook_mcp.mail.meeting_states import NoMeetingStates, states_of_invitations
from tests.calendar.scripted import NOW, CalendarGraph, calendar_of, wire_event
from tests.calendar.shown import BERLIN, IDS, event, invited
from tests.graph.scripted_graph import refusal
from tests.mail.shown import CONTEXT, message, unframed

MAIL = MessageId(Handle(IDS.full("900")))


async def states(graph: CalendarGraph, now: datetime = NOW) -> dict[MessageId, InvitationState]:
    async with calendar_of(graph) as calendar:
        client = calendar._graph.for_area(CALENDAR)
        return dict(await InvitationStates(client, BERLIN, clock=lambda: now).states_of([MAIL]))


def request_for(item: Event | None, *others: Event, **fields: Any) -> CalendarGraph:
    mail = {"@odata.type": "#microsoft.graph.eventMessageRequest", "event": item and wire_event(item), **fields}
    return CalendarGraph(
        {f"/me/messages/{MAIL}": mail, "/me/calendarView": [wire_event(other) for other in (item, *others) if other]}
    )


def asked(**fields: Any) -> Event:
    usual: dict[str, Any] = {
        "isOrganizer": False,
        "attendees": invited("none"),
        "responseStatus": {"response": "notResponded"},
    }
    return event("5", subject="Review", location={"displayName": "Room Pine"}, **(usual | fields))


async def test_what_takes_time_at_the_time_of_an_invitation_is_told_and_nothing_else() -> None:
    others = [
        event("6", 0, "10:30-11:30", subject="Budget"),
        event("7", 0, "11:00-12:00", subject="Later"),
        event("8", subject="Free", showAs="free"),
        event("9", subject="Off", isCancelled=True),
        event("10", 0, "1", subject="All day"),
        event("11", subject="Said no", responseStatus={"response": "declined"}),
    ]
    graph = request_for(asked(), *others)
    state = (await states(graph))[MAIL]
    assert (state.overlapping, state.response, state.place) == (["Budget"], "notResponded", "Room Pine")
    view = graph.asked[-1][1]
    assert (view["startDateTime"], view["endDateTime"]) == ("2026-11-30T09:00:00Z", "2026-11-30T10:00:00Z")


@pytest.mark.parametrize(
    ("graph", "now"),
    [
        (request_for(asked(isCancelled=True)), NOW),
        (request_for(asked(), isOutOfDate=True), NOW),
        (request_for(asked()), datetime(2026, 12, 24, tzinfo=UTC)),
        (request_for(None), NOW),
    ],
    ids=["called off", "out of date", "past", "gone"],
)
async def test_nothing_is_looked_for_at_the_time_of_a_meeting_that_will_not_be(
    graph: CalendarGraph, now: datetime
) -> None:
    assert (await states(graph, now))[MAIL].overlapping == ()
    assert [path for path, _ in graph.asked] == [f"/me/messages/{MAIL}"]


def sent(number: int, minute: int, kind: str = "eventMessageResponse") -> dict[str, str]:
    when = f"2026-11-30T08:{minute:02}:00Z"
    return {"@odata.type": f"#microsoft.graph.{kind}", "id": IDS.full(str(number)), "sentDateTime": when}


@pytest.mark.parametrize(
    ("listed", "kind", "response"),
    [
        ([sent(1, 30), sent(2, 31), sent(3, 32, "message")], "meetingDeclined", "declined"),
        ([sent(2, 30)], "meetingTenativelyAccepted", "tentativelyAccepted"),
        ([sent(2, 5)], "meetingDeclined", "none"),
        ([sent(2, 30)], "none", "none"),
        ([], "meetingDeclined", "none"),
    ],
    ids=["declined", "perhaps", "before the invitation", "unknown", "nothing sent"],
)
async def test_of_a_meeting_that_left_the_calendar_the_last_answer_in_sent_items_is_told(
    listed: list[Any], kind: str, response: str
) -> None:
    graph = request_for(None, conversationId="it's", receivedDateTime="2026-11-30T08:20:00Z")
    graph.found["/me/mailFolders/sentitems/messages"] = listed
    graph.found[f"/me/messages/{IDS.full('2')}"] = {"meetingMessageType": kind}
    state = (await states(graph))[MAIL]
    assert (state.start, state.response) == (None, response)
    assert graph.asked[1][1]["$filter"] == "conversationId eq 'it''s'"


async def test_a_calendar_that_cannot_be_read_leaves_the_mail_as_it_is() -> None:
    graph = CalendarGraph({f"/me/messages/{MAIL}": refusal(403, "ErrorAccessDenied")})
    assert await states(graph) == {}


async def test_only_invitations_are_looked_up() -> None:
    class Asked(NoMeetingStates):
        async def states_of(self, message_ids: Any) -> Any:
            return dict.fromkeys(message_ids)

    kinds = ["eventMessageRequest", "eventMessageResponse", "eventMessage", "message"]
    messages = [message(number, odata_type=f"#microsoft.graph.{kind}") for number, kind in enumerate(kinds)]
    assert list(await states_of_invitations(Asked(), messages)) == [messages[0].id]
    assert await states_of_invitations(NoMeetingStates(), messages) == {}


START, END = datetime(2026, 12, 2, 13, 30, tzinfo=UTC), datetime(2026, 12, 2, 14, 30, tzinfo=UTC)
STATES = [
    (InvitationState(start=START, end=END, place="Room 4"), "Wed 2 Dec 14:30-15:30, Room 4; not answered"),
    (
        InvitationState(start=START, end=END, response="accepted", overlapping=["Bud\u200bget", "", "Third"]),
        "Wed 2 Dec 14:30-15:30; accepted; at the same time: Budget, (no subject) and 1 more",
    ),
    (
        InvitationState(start=START, end=END, overlapping=["Budget"], is_series=True),
        "Wed 2 Dec 14:30-15:30; not answered; at the time of its first date: Budget",
    ),
    (InvitationState(start=START, end=END, is_cancelled=True), "Wed 2 Dec 14:30-15:30; called off"),
    (InvitationState(start=START, end=END, is_out_of_date=True), "Wed 2 Dec 14:30-15:30; out of date"),
    (InvitationState(), "not in the calendar: declined, removed or never entered"),
    (InvitationState(response="declined"), "declined, and not in the calendar any more"),
    (
        InvitationState(
            start=datetime(2027, 1, 4, tzinfo=BERLIN), end=datetime(2027, 1, 5, tzinfo=BERLIN), is_all_day=True
        ),
        "Mon 4 Jan 2027; not answered",
    ),
]


@pytest.mark.parametrize(("state", "note"), STATES, ids=[note for _, note in STATES])
def test_a_list_tells_when_where_the_answer_and_what_is_at_the_same_time(state: InvitationState, note: str) -> None:
    assert meeting_note(CONTEXT, state) == note
    asking = message(1, odata_type="#microsoft.graph.eventMessageRequest")
    listed = unframed(list_answer(CONTEXT, [asking], meetings={asking.id: state}))
    assert listed.endswith(f" [invitation] Megan Bowen <megan@contoso.com>: Budget ({note})")


def test_an_invitation_that_is_read_tells_the_same_after_its_own_time() -> None:
    meeting = Meeting(meeting_message_type="meetingRequest")
    state = InvitationState(start=START, end=END, overlapping=["Budget"])
    said = "; not answered; at the same time: Budget; to be answered in Outlook"
    assert meeting_line(CONTEXT, meeting, state).endswith(said)
    assert meeting_line(CONTEXT, meeting, replace(state, response="accepted")).endswith("; at the same time: Budget")
    assert meeting_line(CONTEXT, meeting, replace(state, is_cancelled=True)).endswith("; at the same time: Budget")


def test_who_may_answer_is_told_by_what() -> None:
    meeting = Meeting(meeting_message_type="meetingRequest")
    assert meeting_line(CONTEXT, meeting).endswith("; to be answered in Outlook")
    assert meeting_line(replace(CONTEXT, answers_meetings=True), meeting).endswith("; to be answered with event_send")
