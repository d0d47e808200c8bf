"""What the calendar needs of Microsoft Graph."""

from __future__ import annotations

from outlook_mcp.graph.area import GraphArea

CALENDAR = GraphArea(
    read_permission="Calendars.Read",
    write_permission="Calendars.ReadWrite",
    is_shareable=True,
    look_first="Look at what is there now (calendar_list, event_read) before trying again.",
    look_for_sent="Look whether it was sent (event_read) before sending again.",
    builders=(
        "calendar.calendar_request_builder",
        "calendar.get_schedule.get_schedule_request_builder",
        "calendar_view.calendar_view_request_builder",
        "calendars.calendars_request_builder",
        "calendars.item.calendar_item_request_builder",
        "calendars.item.calendar_view.calendar_view_request_builder",
        "calendars.item.events.events_request_builder",
        "events.events_request_builder",
        "events.item.event_item_request_builder",
        "events.item.accept.accept_request_builder",
        "events.item.cancel.cancel_request_builder",
        "events.item.decline.decline_request_builder",
        "events.item.instances.instances_request_builder",
        "events.item.tentatively_accept.tentatively_accept_request_builder",
        "mail_folders.mail_folders_request_builder",
        "mail_folders.item.mail_folder_item_request_builder",
        "mail_folders.item.messages.messages_request_builder",
        "mailbox_settings.mailbox_settings_request_builder",
        "messages.messages_request_builder",
        "messages.item.message_item_request_builder",
    ),
)
