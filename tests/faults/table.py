"""Tries one operation with one fault, and says what its answer says wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from itertools import chain
from typing import Any

from mcp import Client

from tests.answers import text_of
from tests.faults.attempts import Attempt, Operation
from tests.faults.judge import (
    MAY_OR_MAY_NOT,
    Claims,
    claims_about_many,
    claims_about_one,
    claims_about_the_rest,
    objections,
)
from tests.faults.office import Office
from tests.faults.operations import OPERATIONS
from tests.faults.plans import PLANS, Plan
from tests.sending import prepared_in, terms_in
from tests.tools.asking import code_in

# Ends what would wait for ever; it measures nothing.
PATIENCE_S = 120.0
# A server that gives Graph no time to answer may miss a true answer of a busy machine.
MOST_TRIES = 5
Cell = tuple[str, str]
ALL_CELLS: tuple[Cell, ...] = tuple(
    (operation, plan) for operation in OPERATIONS for plan in PLANS if PLANS[plan].fits(OPERATIONS[operation].target)
)


def some_cells(step: int) -> tuple[Cell, ...]:
    """Every `step`th cell of each row, moved by one from row to row, and one of each row and column that has none."""
    rows, columns = list(OPERATIONS), list(PLANS)
    chosen = [cell for cell in ALL_CELLS if (rows.index(cell[0]) + columns.index(cell[1])) % step == 0]
    missing = set(columns) - {plan for _, plan in chosen}
    chosen += [next(cell for cell in ALL_CELLS if cell[1] == plan) for plan in columns if plan in missing]
    unseen = set(rows) - {operation for operation, _ in chosen}
    chosen += [next(cell for cell in ALL_CELLS if cell[0] == operation) for operation in rows if operation in unseen]
    return tuple(chosen)


async def untrue_answers(office: Office, cells: Sequence[Cell], *, others: Iterable[Cell] = ()) -> AsyncIterator[str]:
    """A line for each thing that an answer says wrong, and for each row and column in which no fault happened.

    Some operations make none of the requests that a fault is about. So `others` are tried as well, as long as no fault
    happened in a row or column of theirs that `cells` name.
    """
    quiet = {name for cell in cells for name in cell}
    for operation, plan in chain(cells, (other for other in others if not quiet.isdisjoint(other))):
        try:
            async with asyncio.timeout(PATIENCE_S):
                wrong = [line async for line in _wrong_in_cell(office, OPERATIONS[operation], PLANS[plan])]
        except TimeoutError:
            wrong = ["no answer"]
        for line in wrong:
            yield f"{operation} / {plan}: {line}"
        if office.sandbox.faults.applied:
            quiet -= {operation, plan}
        office.sandbox.faults.replace_rules([])
    for name in sorted(quiet):
        yield f"{name}: no fault happened"


async def agreed_arguments(client: Client, attempt: Attempt) -> dict[str, Any]:
    """The arguments of the attempt, with what was shown before to the user who agrees to it."""
    arguments = dict(attempt.arguments)

    async def shown(tool: str, asked: dict[str, Any]) -> str:
        for _ in range(MOST_TRIES):
            answer = await client.call_tool(tool, asked)
            if not answer.is_error:
                break
        return text_of(answer)

    if attempt.tool == "mail_send" and attempt.agreed:
        arguments |= terms_in(await shown("mail_send", {"draft": arguments["draft"]}))
    if attempt.is_confirmed:
        arguments["confirm"] = code_in(await shown(attempt.tool, arguments))
    if attempt.shown_by is not None:
        arguments["id"] = prepared_in(await shown("event_save", dict(attempt.shown_by)))[0]
    return arguments


async def _wrong_in_cell(office: Office, operation: Operation, plan: Plan) -> AsyncIterator[str]:
    attempt = operation.prepare(office)
    client = office.hasty if plan.needs_deadline else office.client
    arguments = await agreed_arguments(client, attempt)
    office.sandbox.faults.replace_rules(plan.rules(operation.target))
    answer = await client.call_tool(attempt.tool, arguments)
    await office.sandbox.store.outbox.settled()
    text, is_error = text_of(answer), bool(answer.is_error)
    if plan.says and is_error and plan.says not in text:
        yield f"does not say {plan.says!r}: {text}"
    if "is missing: sign in" in text or "was not granted" in text:
        yield f"a permission that was granted is told as missing: {text}"
    if operation.is_read:
        if MAY_OR_MAY_NOT in text:
            yield f"a read that {MAY_OR_MAY_NOT!r} have been made: {text}"
        if plan.is_over_soon and is_error:
            yield f"was not tried again: {text}"
        return
    if operation.says_after_429 and "(429" in text and operation.says_after_429 not in text:
        yield f"does not say {operation.says_after_429!r}: {text}"
    claims = _claims_about(operation)(text, is_error=is_error, parts=list(attempt.parts))
    state = {part: is_made() for part, is_made in attempt.parts.items()}
    may_leave_open = plan.is_blind or (bool(operation.seen) and operation.seen in text)
    for wrong in objections(text, claims, state, may_leave_open=may_leave_open):
        yield f"{wrong}: {text}"
    if attempt.subject and office.bob.messages.total("m.subject = ?", (attempt.subject,)) > 1:
        yield "sent twice"


def _claims_about(operation: Operation) -> Callable[..., Claims]:
    if operation.names_failed_alone:
        return claims_about_the_rest
    return claims_about_many if operation.about_many else claims_about_one
