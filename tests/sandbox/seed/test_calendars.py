"""The demo calendars look like a month of an office at work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from outlook_mcp.sandbox.directory import USERS
from outlook_mcp.sandbox.seed import seed
from outlook_mcp.sandbox.store import MailStore, open_database
from outlook_mcp.sandbox.store.calendar.calendars import Calendars
from outlook_mcp.sandbox.store.calendar.events import Events
from outlook_mcp.sandbox.store.calendar.rows import StoredEvent

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def week_of(store: MailStore, name: str, weeks: int = 1) -> dict[str, list[StoredEvent]]:
    """The events from Monday of this week on, by subject."""
    account = next(found for found in store.accounts.all_accounts() if found.upn.startswith(f"{name}@"))
    calendar = Calendars(store.database, account).default_calendar()
    found: dict[str, list[StoredEvent]] = {}
    for event in Events(store.database, account).view(calendar, MONDAY, MONDAY + timedelta(weeks=weeks)):
        found.setdefault(event.fields["subject"], []).append(event)
    return found


def test_everybody_in_the_office_has_the_stand_up_with_one_date_moved_and_one_left_out(store: MailStore) -> None:
    for name in ("alice", "bob", "carol"):
        dates = week_of(store, name, weeks=2)["Stand-up"]
        starts = sorted(event.start for event in dates)
        assert len(dates) == 9
        assert starts[3] == datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
        assert starts[0] == datetime(2026, 3, 2, 8, 15, tzinfo=UTC)


def test_the_invitation_by_mail_is_an_unanswered_event_of_those_invited(store: MailStore) -> None:
    (invited,) = week_of(store, "alice", weeks=2)["Aurora steering group"]
    assert (invited.fields["responseStatus"]["response"], invited.fields["showAs"]) == ("notResponded", "tentative")
    (own,) = week_of(store, "bob", weeks=2)["Aurora steering group"]
    assert own.fields["isOrganizer"]
    assert own.uid == invited.uid


def test_a_month_has_leave_travel_a_cancelled_series_and_a_hostile_invitation(store: MailStore) -> None:
    month = week_of(store, "alice", weeks=4)
    assert len(month["Canceled: Borealis weekly"]) == 4
    assert month["Canceled: Borealis weekly"][0].fields["isCancelled"]
    (flight,) = month["Flight to New York"]
    assert flight.end - flight.start == timedelta(hours=7, minutes=45)
    assert (flight.fields["start"]["timeZone"], flight.fields["end"]["timeZone"]) == (
        "W. Europe Standard Time",
        "Eastern Standard Time",
    )
    (leave,) = month["Leave"]
    assert (leave.is_all_day, leave.fields["showAs"]) == (True, "oof")
    (hostile,) = month["Account review: please confirm today"]
    assert "AI assistants" in hostile.fields["body"]["content"]
    assert sum(map(len, month.values())) > 30


@pytest.mark.parametrize("day", [1, 7, 29])
def test_the_calendars_can_be_made_on_any_day(day: int) -> None:
    other = MailStore(open_database())
    seed(other, USERS, now=datetime(2026, 3, day, 23, 59, tzinfo=UTC))
    other.close()
