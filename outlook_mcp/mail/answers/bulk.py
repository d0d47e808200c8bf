"""A change of many messages: what it would reach, and what of it is left."""

from __future__ import annotations

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.errors.counting import counted
from outlook_mcp.mail.answers.listing import listed_messages
from outlook_mcp.mail.answers.scope import where_and_when
from outlook_mcp.mail.bulk.changes import ChosenMessages, Rest
from outlook_mcp.mail.bulk.listing import MOST_MESSAGES, FoundIds


def chosen_answer(context: AnswerContext, chosen: ChosenMessages) -> str:
    """The first ten messages that a call would change, how many they are, and the code that changes exactly those."""
    found = chosen.found
    looked_in = where_and_when(context, found.plan, found.folder)
    notes = found.plan.notes
    if chosen.code is None:
        looked_at = f" among the {found.stopped_after:,} looked at" if found.stopped_after else ""
        return " ".join([f"No message {looked_in} matches{looked_at}, so there is nothing to change.", *notes])
    number = len(found.ids)
    which = f"{'this' if number == 1 else 'these'} {counted(number, 'message')}"
    lines = [
        listed_messages(context, chosen.shown),
        " ".join([f"{_number(found)} {looked_in}{_shown(chosen)}. Nothing was changed yet.", *notes]),
        f"To change exactly {which}, call {chosen.tool} within 10 minutes with the same"
        f' arguments and confirm="{chosen.code}".',
    ]
    return "\n".join(lines)


def rest_lines(rest: Rest) -> list[str]:
    """What earlier calls have done, and how to go on.

    >>> rest_lines(Rest(left=20, changed=40, code="abcd2345"))[1]
    '20 messages left: repeat the call within 10 minutes with confirm="abcd2345" to go on with them.'
    """
    lines = []
    if rest.changed:
        lines.append(f"Earlier calls had changed {counted(rest.changed, 'message')} of these.")
    if rest.unclear:
        lines.append(
            f"Whether an earlier call changed {counted(rest.unclear, 'message')} more is not known: look there."
        )
    if rest.left:
        how = f' with confirm="{rest.code}"' if rest.code else ""
        lines.append(
            f"{counted(rest.left, 'message')} left: repeat the call within 10 minutes{how} to go on with them."
        )
    return lines


def _number(found: FoundIds) -> str:
    """How many messages the change would reach, and of how many."""
    number = len(found.ids)
    if found.is_complete:
        return counted(number, "message")
    if found.total and found.total > number:
        return f"The first {number:,} of {counted(found.total, 'message')}"
    if found.stopped_after:
        return f"{counted(number, 'message')} among the first {found.stopped_after:,} looked at"
    more = "one call changes no more" if number >= MOST_MESSAGES else "the search index gives no more"
    return f"The first {counted(number, 'message')} ({more}; repeat for the others)"


def _shown(chosen: ChosenMessages) -> str:
    return "" if len(chosen.shown) == len(chosen.found.ids) else f"; {len(chosen.shown)} are shown"
