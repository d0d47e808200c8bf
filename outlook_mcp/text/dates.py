"""Times as answers show them and as Graph takes them. Every datetime here has a time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

SHORT_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SHORT_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def graph_time(moment: datetime) -> str:
    """The moment in UTC, in whole seconds, as Graph takes it in a query, whatever zone its answer is to be in.

    >>> graph_time(datetime(2026, 11, 30, 9, 0, 1, 999, tzinfo=UTC))
    '2026-11-30T09:00:01Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_heading(day: date, today: date) -> str:
    """A day as the heading of a list; with its year unless that is the current one.

    >>> day_heading(date(2026, 11, 23), today=date(2026, 11, 23))
    'Today, Mon 23 Nov'
    >>> day_heading(date(2025, 1, 2), today=date(2026, 11, 23))
    'Thu 2 Jan 2025'
    """
    label = f"{SHORT_DAYS[day.weekday()]} {day.day} {SHORT_MONTHS[day.month - 1]}"
    if day.year != today.year:
        label += f" {day.year}"
    near = {0: "Today, ", 1: "Yesterday, "}.get((today - day).days, "")
    return near + label


def day_and_time(moment: datetime, zone: tzinfo) -> str:
    """Day and minute of a moment in a time zone.

    >>> day_and_time(datetime(2026, 11, 23, 14, 5, tzinfo=UTC), UTC)
    'Mon 23 Nov 2026 14:05'
    """
    local = moment.astimezone(zone)
    weekday, month = SHORT_DAYS[local.weekday()], SHORT_MONTHS[local.month - 1]
    return f"{weekday} {local.day} {month} {local.year} {local:%H:%M}"
