"""The actions of an inbox rule in plain words, and which of them send mail to others or lose it.

https://learn.microsoft.com/graph/api/resources/messageruleactions
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.drafts.recipients import recipients_json
from outlook_mcp.mail.rules.conditions import addresses_of
from outlook_mcp.mail.rules.words import is_given, kind_and_values, phrases_in, written_values

_FOLDERS = {"move to": "moveToFolder", "copy to": "copyToFolder"}
_PEOPLE = {
    "forward to": "forwardTo",
    "forward as attachment to": "forwardAsAttachmentTo",
    "redirect to": "redirectTo",
}
_FACTS = {
    "mark read": "markAsRead",
    "delete": "delete",
    "delete permanently": "permanentDelete",
    "stop": "stopProcessingRules",
}
_IMPORTANCE = re.compile(r"(?:mark )?importance (low|normal|high)", re.IGNORECASE)
_SEND = {"forwardTo": "forwards", "forwardAsAttachmentTo": "forwards", "redirectTo": "redirects"}
_LOSE = {"delete": "deletes", "permanentDelete": "deletes permanently"}
FORMS = (
    *(f"{words} FOLDER" for words in _FOLDERS),
    *(f"{words} ADDRESS" for words in _PEOPLE),
    "category NAME",
    "importance low|normal|high",
    *_FACTS,
)
FindFolder = Callable[[str], Awaitable[str]]


async def parse_actions(written: str, find_folder: FindFolder) -> dict[str, Any]:
    """Graph's messageRuleActions; `find_folder` gives the id of a folder. Raises InvalidInput, and NotFound."""
    actions: dict[str, Any] = {}
    for phrase in phrases_in(written):
        name, value = await _action(phrase, find_folder)
        if isinstance(value, list) and name in actions:
            value = [*actions[name], *value]
        actions[name] = value
    if not actions:
        raise InvalidInput("The rule does nothing.", next_step=f"Give `do`: {'; '.join(FORMS)}.")
    return actions


def describe_actions(actions: Mapping[str, Any] | None, folder_path: Callable[[str], str]) -> list[str]:
    """Actions in the words that `parse_actions` takes; `folder_path` gives the path of a folder by its id.

    >>> describe_actions({"moveToFolder": "AQ", "markAsRead": True}, lambda folder: "Invoices")
    ['move to Invoices', 'mark read']
    """
    found = []
    by_name = {name: words for words, name in {**_FOLDERS, **_PEOPLE, **_FACTS}.items()}
    for name, value in (actions or {}).items():
        if not is_given(value):
            continue
        if name in _FOLDERS.values():
            found.append(f"{by_name[name]} {written_values([folder_path(value)])}")
        elif name in _PEOPLE.values():
            found.append(f"{by_name[name]} {written_values(addresses_of(value))}")
        elif name == "assignCategories":
            found.append(f"category {written_values(value)}")
        elif name == "markImportance":
            found.append(f"importance {value}")
        else:
            found.append(by_name.get(name, f"{name} {value}"))
    return found


def effects_of(actions: Mapping[str, Any] | None, deleted_items: str) -> Sequence[str]:
    """What a rule does that sends mail to others or loses it, in words; nothing for any other rule.

    `deleted_items` is the id of that folder: to move there is to delete.

    >>> effects_of({"forwardTo": [{}], "moveToFolder": "AQ", "stopProcessingRules": True}, "AQ")
    ('forwards', 'deletes')
    """
    given = {name: value for name, value in (actions or {}).items() if is_given(value)}
    found = dict.fromkeys(words for name, words in {**_SEND, **_LOSE}.items() if name in given)
    if given.get("moveToFolder") == deleted_items:
        found["deletes"] = None
    return tuple(found)


def reached_by(actions: Mapping[str, Any] | None) -> Sequence[str]:
    """The addresses that a rule sends mail to."""
    return addresses_of(recipient for name in _SEND for recipient in (actions or {}).get(name) or [])


async def _action(phrase: str, find_folder: FindFolder) -> tuple[str, Any]:
    spaced = " ".join(phrase.split())
    folded = spaced.casefold().replace("mark as ", "mark ")
    if folded in _FACTS:
        return _FACTS[folded], True
    if importance := _IMPORTANCE.fullmatch(spaced):
        return "markImportance", importance[1].lower()
    words, values = kind_and_values(phrase, [*_FOLDERS, *_PEOPLE, "category"]) or ("", [])
    if not words:
        raise InvalidInput(f"{spaced[:80]!r} is no action.", next_step=f"There are: {'; '.join(FORMS)}.")
    if not values:
        raise InvalidInput(f"The action {words!r} needs a value.")
    if words in _FOLDERS:
        return _FOLDERS[words], await find_folder(values[0])
    if words in _PEOPLE:
        return _PEOPLE[words], recipients_json(values)
    return "assignCategories", values
