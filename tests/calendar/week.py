"""A believable week of 30 events: series, overlaps, answers owed, outsiders, a private and some all-day ones."""

from __future__ import annotations

from typing import Any

from outlook_mcp.calendar.models import Event
from tests.calendar.shown import event, invited

ROOM = "Room Pine"


def _said(count: int) -> list[dict[str, Any]]:
    return invited(*(["accepted"] * (count - 2) + ["declined", "none"])[-count:])


class _Week:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self._number = 48_200

    def add(
        self,
        day: int,
        hours: str,
        subject: str,
        where: str = "",
        who: str = "",
        people: int = 0,
        *,
        is_date: bool = False,
        address: str = "",
        **fields: Any,
    ) -> None:
        self._number += 7
        dates = ("261130", "261201", "261202", "261203", "261204", "261205", "261206")
        mine = not who or who == "me"
        given = {
            "subject": subject,
            "location": {"displayName": where},
            "isOrganizer": mine,
            "attendees": _said(people) if people else [],
            "organizer": {
                "emailAddress": {
                    "name": "Alice Archer" if mine else who,
                    "address": address or f"{(who or 'alice').split()[0].lower()}@contoso.example",
                }
            },
            "responseStatus": {"response": "organizer" if mine else "accepted"},
            "onlineMeetingProvider": "teamsForBusiness",
            **fields,
        }
        number = 48_000 + len(subject) if is_date else self._number
        self.events.append(event(f"{number}@{dates[day]}" if is_date else str(number), day, hours, **given))


def _online(response: str = "accepted") -> dict[str, Any]:
    return {"isOnlineMeeting": True, "responseStatus": {"response": response}}


def week_of_30_events() -> list[Event]:
    """From Monday on; in random order, as nothing is said about the order of pages."""
    week = _Week()
    for day in range(5):
        week.add(day, "09:15-09:30", "Standup", "", "Dana Fox", 6, is_date=True, isOnlineMeeting=True)
    week.add(0, "3", "Bob on leave", showAs="free")
    week.add(0, "10:00-11:00", "Aurora launch plan", ROOM, "me", 5, isOnlineMeeting=True)
    owed: dict[str, Any] = {"responseStatus": {"response": "notResponded"}}
    week.add(0, "10:30-11:30", "Budget 2027 first round", "Room Oak", "Carol Chen", 9, **owed)
    talent = "erin@talent.example"
    week.add(0, "13:00-14:00", "Interview: platform engineer", "Teams", "Erin Holt", 3, address=talent, **_online())
    week.add(0, "15:00-15:30", "1:1 with Bob", "", "me", 1, is_date=True)
    week.add(1, "10:00-10:45", "Vendor review: Brightpress", "Teams", "me", 4, isOnlineMeeting=True)
    week.add(1, "12:00-13:00", "Lunch with Priya", "Harry's Bar")
    week.add(1, "14:00-15:30", "Architecture board", ROOM, "Dana Fox", 11, is_date=True)
    week.add(1, "16:00-17:00", "Dentist", sensitivity="private")
    week.add(2, "09:30-10:30", "Quarterly review: Fabrikam", "Teams", "Frank Moss", 8, **_online("tentativelyAccepted"))
    week.add(2, "11:00-12:00", "Focus time")
    off: dict[str, Any] = {"isCancelled": True, "showAs": "free"}
    week.add(2, "13:30-14:00", "Canceled: Press call", "", "Grace Lin", 4, **off)
    week.add(2, "15:00-16:00", "Security training", "Teams", "Hugo Berg", 40, **_online("notResponded"))
    week.add(3, "08:00-09:00", "Call with Singapore", "Teams", "Ivy Tan", 3, **_online())
    week.add(3, "10:00-12:00", "Aurora steering group", ROOM, "me", 7, is_date=True)
    week.add(3, "11:30-12:00", "Contract Q&A", "Teams", "Jon Vale", 2, **_online("notResponded"))
    week.add(3, "13:00-13:30", "1:1 with Dana", "", "Dana Fox", 1, is_date=True)
    week.add(3, "16:30-18:00", "Board dinner prep", "Room Oak", "Carol Chen", 5)
    week.add(4, "10:00-11:00", "All hands", "Town hall", "Kim Park", 210, is_date=True, isOnlineMeeting=True)
    week.add(4, "14:00-15:00", "Retro", "Miro", "me", 6, is_date=True)
    week.add(4, "15:30-16:00", "Handover to Bob", "", "me", 1)
    week.add(4, "12:00-13:00", "Team lunch", "Canteen", "Dana Fox", 6)
    week.add(5, "1", "Flight to Lisbon", showAs="oof")
    week.add(5, "23:00-01:00", "Hotel late check-in")
    week.add(6, "11:00-12:00", "Brunch with Tom", "Alfama")
    return week.events
