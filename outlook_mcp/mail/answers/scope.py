"""Where and when a search looked, whether it has found everything there, and what of the question it left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.errors.counting import and_more, counted
from outlook_mcp.mail.answers.place import place_of
from outlook_mcp.mail.folder_names import folder_label
from outlook_mcp.mail.models import Folder
from outlook_mcp.mail.search.grammar import UNDERSTOOD
from outlook_mcp.mail.search.plan import Plan
from outlook_mcp.mail.search.search import SearchResult
from outlook_mcp.text.characters import one_line

_LONGEST_NAME = 80
_MOST_IGNORED = 5
_APART = {"Junk": "Junk Email", "Deleted": "Deleted Items"}


class Scope(NamedTuple):
    """`where` such as `in Inbox`, `when` such as `since Mon 23 Nov 2026 00:00`, `apart` such as `1 in Junk Email`.

    `nothing_in` is the folder that was asked for, when nothing was found there and so the whole mailbox was searched.
    `is_partial` tells that texts were looked at in part only, `is_understood=False` that a part of the search may
    have been meant otherwise, so that finding nothing says little.
    """

    where: str = ""
    when: str = ""
    apart: str = ""
    nothing_in: str = ""
    is_partial: bool = False
    is_understood: bool = True


NO_SCOPE = Scope()


def scope_of(context: AnswerContext, found: SearchResult) -> Scope:
    """Where, when and how a search looked."""
    plan = found.plan
    return Scope(
        where=_where(found.folder, is_specific=plan.is_specific),
        when=_when(context, plan),
        apart="" if found.folder else _apart(found),
        nothing_in=folder_label(found.nothing_in) if found.nothing_in else "",
        is_partial=plan.is_partial,
        is_understood=plan.is_understood,
    )


def where_and_when(context: AnswerContext, plan: Plan, folder: Folder | None) -> str:
    """Such as `in Inbox since Mon 23 Nov 2026 00:00`; `folder` is None for the whole mailbox."""
    return f"{_where(folder, is_specific=plan.is_specific)} {_when(context, plan)}".strip()


def completeness(count: int, next_page: str | None, stopped_after: int | None, scope: Scope = NO_SCOPE) -> str:
    """How many messages there are, where, and whether that is all. `next_page` is what reads more.

    >>> completeness(0, None, None, Scope("in the whole mailbox", nothing_in="Inbox"))
    'No message in Inbox, nor anywhere else in the mailbox.'
    >>> completeness(3, None, None, Scope("in the whole mailbox", apart="1 in Junk Email", nothing_in="Inbox"))
    'No message in Inbox, so the whole mailbox was searched: 3 messages (1 in Junk Email); the list is complete.'
    >>> completeness(0, None, None, Scope("in Inbox", is_understood=False))
    'No message in Inbox, but a part of the search may have been meant otherwise.'
    """
    shown = counted(count, "message") if count else "No message"
    told = [shown, scope.where, scope.when, f"({scope.apart})" if scope.apart else ""]
    lead = ""
    in_part = "; texts were searched in part only" if scope.is_partial else ""
    if count == 0 and not scope.is_understood:
        in_part = ", but a part of the search may have been meant otherwise"
    if scope.nothing_in:
        if count == 0 and not next_page and not stopped_after:
            when = f" {scope.when}" if scope.when else ""
            return f"No message in {scope.nothing_in}, nor anywhere else in the mailbox{when}{in_part}."
        lead = f"No message in {scope.nothing_in}, so the whole mailbox was searched: "
        del told[1]
    if stopped_after:
        told.insert(1, f"among the {stopped_after:,} looked at")
    listed = lead + " ".join(filter(None, told))
    if next_page and stopped_after:
        return f"{listed}; not complete. Go on with {next_page}"
    if next_page:
        return f"{listed}; more follow. Next page: {next_page}"
    if stopped_after:
        return f"{listed}; there may be more. Narrow the dates to see them."
    return f"{listed}{in_part or '; the list is complete'}."


def ignored_notes(ignored: Sequence[str]) -> list[str]:
    """What of the text of a search was not answered, and what can be; empty when all was.

    >>> ignored_notes(["label:work"])[0]
    'Ignored: `label:work`.'
    """
    if not ignored:
        return []
    named = ", ".join(f"`{one_line(part, _LONGEST_NAME).replace('`', '')}`" for part in ignored[:_MOST_IGNORED])
    more = and_more(len(ignored), _MOST_IGNORED)
    return [f"Ignored: {named}{more}.", UNDERSTOOD]


def _where(folder: Folder | None, *, is_specific: bool) -> str:
    if folder is None:
        return "in the whole mailbox"
    below = " (not in its subfolders)" if is_specific and folder.child_folder_count else ""
    return f"in {folder_label(folder)}{below}"


def _when(context: AnswerContext, plan: Plan) -> str:
    bounds = (("since", plan.since), ("before", plan.before))
    return " ".join(f"{word} {context.time(moment)}" for word, moment in bounds if moment)


def _apart(found: SearchResult) -> str:
    """How many of the messages are in Junk Email and in Deleted Items."""
    places = Counter(place_of(message, found.places) for message in found.messages)
    return ", ".join(f"{places[place]} in {name}" for place, name in _APART.items() if places[place])
