"""The same for a calendar and an address book."""

from __future__ import annotations

from tests.tools.actions import Action

CALENDAR_ACTIONS = (
    Action(
        "see a day or a week",
        "calendar_list",
        ("start", "end"),
        "e2e/test_calendar.py::test_a_week_is_listed_and_its_events_are_read_by_their_short_ids",
    ),
    Action(
        "find an event by its words",
        "calendar_list",
        ("text",),
        "calendar/test_listing.py::test_a_search_says_how_many_were_looked_at",
    ),
    Action(
        "read an event or an invitation",
        "event_read",
        ("ids",),
        "calendar/test_reading.py::test_an_event_tells_when_where_who_and_how_to_join",
    ),
    Action(
        "find a time for several people",
        "find_time",
        ("people", "minutes", "start", "end"),
        "e2e/test_calendar.py::test_times_are_found_when_all_are_free_and_who_is_not_there_is_said",
    ),
    Action(
        "find a person's address",
        "people_search",
        ("text",),
        "e2e/test_contacts.py::test_people_are_found_in_every_source_and_what_was_not_asked_is_said",
    ),
    Action(
        "see everything of a contact",
        "people_search",
        ("text",),
        "e2e/test_contacts.py::test_people_are_found_in_every_source_and_what_was_not_asked_is_said",
    ),
    Action(
        "save a contact, change it or delete it",
        "contact_save",
        ("name", "emails", "phones", "id", "delete"),
        "e2e/test_contacts.py::test_a_contact_is_created_changed_and_deleted",
    ),
    Action(
        "see the calendar of somebody else, or another calendar",
        "calendar_list",
        ("calendar",),
        "calendar/test_area.py::test_the_calendar_of_somebody_else_is_read_by_their_address_and_keeps_what_is_private",
    ),
    Action(
        "see the free times of a day",
        "calendar_list",
        ("free_minutes",),
        "calendar/test_listing.py::test_free_times_stand_beside_their_day",
    ),
    Action(
        "write an event into the calendar",
        "event_save",
        ("subject", "start", "end", "place", "show_as"),
        "calendar/test_saving.py::test_an_event_without_others_is_created_at_once_in_the_zone_of_the_user",
    ),
    Action(
        "invite people, after it was shown who is mailed",
        "event_send",
        ("id", "action"),
        "calendar/test_saving.py::test_what_was_shown_is_sent_once_and_invites_once",
    ),
    Action(
        "move a meeting, or change who is invited",
        "event_save",
        ("id", "start", "attendees", "place"),
        "calendar/test_saving.py::test_a_change_shows_old_and_new_and_names_who_is_added_and_dropped",
    ),
    Action(
        "answer an invitation, or propose another time",
        "event_send",
        ("id", "action", "comment", "proposed_start"),
        "calendar/test_answering.py::test_an_answer_tells_the_organizer_and_can_propose_another_time",
    ),
    Action(
        "cancel a meeting",
        "event_send",
        ("id", "action", "comment"),
        "calendar/test_answering.py::test_a_meeting_is_cancelled_by_its_organizer_alone",
    ),
    Action(
        "delete an event",
        "event_delete",
        ("ids",),
        "calendar/test_sending.py::test_only_what_tells_nobody_is_deleted",
    ),
    Action(
        "change a series from one date on",
        "event_save",
        ("id", "from_here", "start"),
        "calendar/test_series_changes.py::test_a_series_is_changed_from_a_date_on_and_what_is_lost_is_said",
    ),
)
