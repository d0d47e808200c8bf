"""Checks of what a person typed for a prompt, since it becomes part of the instructions."""

from __future__ import annotations

import re

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.ids import is_graph_id, is_short_or_full_id

_LONGEST = 320
_MINUTES = re.compile(r"[1-9]\d{0,3}", re.ASCII)
_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w.-]{1,255}", re.ASCII)
_DAYS = re.compile(r"[1-9]\d{0,2}", re.ASCII)


def last_days(prompt: str, days: str) -> str:
    """A number of days in words. Raises InvalidInput for anything but a whole number from 1 to 999.

    >>> last_days("weekly_digest", "7")
    'the last 7 days'
    """
    if not _DAYS.fullmatch(days):
        raise InvalidInput(f"{prompt}: `days` is a whole number from 1 to 999.")
    return "the last day" if days == "1" else f"the last {days} days"


def mailbox_words(prompt: str, account: str) -> str:
    """The mailbox to look in, in words; "" for the default one. Raises InvalidInput for what cannot be its name.

    >>> mailbox_words("weekly_digest", "team@contoso.example")
    ' Give every tool account="team@contoso.example".'
    """
    return f" Give every tool account={_quoted(prompt, 'account', account)}." if account else ""


def folder_words(prompt: str, folder: str) -> str:
    """The folder to look in, in words; "" for the usual one. Raises InvalidInput for what cannot be its path.

    >>> folder_words("triage_inbox", "Projects/Aurora")
    ' Look in folder="Projects/Aurora".'
    """
    return f" Look in folder={_quoted(prompt, 'folder', folder)}." if folder else ""


def _quoted(prompt: str, name: str, value: str) -> str:
    if len(value) > _LONGEST or not value.isprintable() or '"' in value:
        raise InvalidInput(f"{prompt}: `{name}` is a name in one line, without quotation marks.")
    return f'"{value}"'


def line_of(prompt: str, name: str, value: str) -> str:
    """A value in one line, in quotation marks. Raises InvalidInput for any other.

    >>> line_of("find_a_time", "about", "the budget")
    '"the budget"'
    """
    return _quoted(prompt, name, value)


def minutes_of(prompt: str, minutes: str) -> str:
    """A number of minutes unchanged. Raises InvalidInput for what is none.

    >>> minutes_of("find_a_time", "45")
    '45'
    """
    if not _MINUTES.fullmatch(minutes):
        raise InvalidInput(f"{prompt}: `minutes` is a whole number, such as 45.")
    return minutes


def event_id(prompt: str, event: str) -> str:
    """The id of an event unchanged, also that of one date of a series, or in the calendar of somebody else.

    Raises InvalidInput for what cannot be one.

    >>> event_id("prepare_meeting", "48211@261130"), event_id("prepare_meeting", "48211:bob@contoso.example")
    ('48211@261130', '48211:bob@contoso.example')
    """
    own, colon, address = event.partition(":")
    is_own = all(is_graph_id(part) for part in own.split("@")) and own.count("@") <= 1
    if not is_own or (colon and not _ADDRESS.fullmatch(address)):
        raise InvalidInput(f"{prompt}: `id` is the id of an event, as calendar_list shows it.")
    return event


def message_id(prompt: str, message: str) -> str:
    """The id of a message unchanged. Raises InvalidInput for what cannot be one."""
    if not is_short_or_full_id(message):
        raise InvalidInput(f"{prompt}: `id` is the id of a message, as mail_search shows it.")
    return message
