"""When a change of many messages stops, and what of it a repeated call does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from outlook_mcp.errors import (
    AccessDenied,
    Conflict,
    GraphError,
    InvalidInput,
    NotFound,
    OutlookError,
    SignInRequired,
    StoreUnavailable,
    Throttled,
)
from outlook_mcp.graph.errors import Purpose
from outlook_mcp.graph.ids import Handle, MessageId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.bulk.running import SILENT, Change, Run
from outlook_mcp.mail.bulk.selections import HELD_S, Selection, Selections, Terms
from outlook_mcp.mail.lost_answers import MessageResult
from tests.mail.shown import HANDLES, message
from tests.workspace.conftest import UserTicketsInMemory

IDS = [HANDLES.full(Handle(str(number))) for number in range(50)]
LOST: GraphError = Purpose("Mail.ReadWrite", is_change=True).unavailable("It broke.")
Outcome = OutlookError | str


@dataclass
class Batches:
    """What becomes of each batch: an error of each message, "raises", "looked" for a lost answer, or "done"."""

    outcomes: list[Outcome]
    raised: OutlookError = field(default_factory=lambda: SignInRequired("The sign-in has ended."))

    async def apply(self, ids: Sequence[MessageId]) -> list[MessageResult]:
        outcome = self.outcomes.pop(0)
        if outcome == "raises":
            raise self.raised
        if isinstance(outcome, OutlookError):
            return [MessageResult(message_id, error=outcome) for message_id in ids]
        return [MessageResult(message_id, message(), is_verified=outcome == "looked") for message_id in ids]


def run_of(*outcomes: Outcome, is_repeatable: bool = True) -> Run:
    change = Change(
        terms=Terms("mail_move", "archive"), apply=Batches(list(outcomes)).apply, is_repeatable=is_repeatable
    )
    return Run(change, SILENT, IDS, seconds=60)


@pytest.mark.parametrize("error", [NotFound("Gone."), Conflict("Changed.")])
async def test_what_holds_for_single_messages_stops_nothing_unless_nobody_is_better_off(error: GraphError) -> None:
    run = run_of("done", error, "done")
    await run.to_its_end()
    goes_on = isinstance(error, NotFound)
    assert len(run.results) == (50 if goes_on else 40)
    assert run.to_repeat() == ([] if goes_on else IDS[40:])


async def test_what_holds_for_all_messages_is_told_of_all_and_not_tried_again() -> None:
    refused = AccessDenied("Forbidden.")
    run = run_of(refused)
    await run.to_its_end()
    assert {result.error for result in run.all_results()} == {refused}
    assert (len(run.results), run.to_repeat()) == (20, IDS[20:])


async def test_a_sign_in_that_ends_in_the_middle_loses_nothing_of_what_was_done() -> None:
    run = run_of("done", "raises")
    await run.to_its_end()
    assert [result.is_done for result in run.all_results()] == [True] * 20 + [False] * 30
    assert run.to_repeat() == IDS[20:]


async def test_a_sign_in_that_has_ended_before_is_asked_for_and_all_is_left() -> None:
    run = run_of("raises")
    with pytest.raises(SignInRequired):
        await run.to_its_end()
    assert run.to_repeat() == IDS


@pytest.mark.parametrize("outcome", [Throttled("Slower."), "looked", LOST])
async def test_graph_is_left_alone_when_it_is_throttled_or_answers_nothing(outcome: Outcome) -> None:
    run = run_of("done", outcome)
    await run.to_its_end()
    assert len(run.results) == 40
    assert "Not tried" in str(run.all_results()[-1].error)
    assert run.to_repeat() == (IDS[40:] if outcome == "looked" else IDS[20:])


async def test_a_copy_that_may_have_been_made_is_not_made_again() -> None:
    run = run_of(LOST, is_repeatable=False)
    await run.to_its_end()
    assert run.to_repeat() == IDS[20:]


@pytest.mark.parametrize(("kept", "done"), [(0, 0), (2, 40)])
async def test_no_batch_begins_that_a_killed_server_would_leave_no_trace_of(kept: int, done: int) -> None:
    run = run_of("done", "done", "done")
    calls: list[int] = []

    async def keep(at_work: Run) -> None:
        calls.append(len(at_work.to_repeat()))
        if len(calls) > kept:
            raise StoreUnavailable("The store is away.")

    run.keep = keep
    if done:
        await run.to_its_end()
        assert isinstance(run.all_results()[-1].error, StoreUnavailable)
    else:
        with pytest.raises(StoreUnavailable):
            await run.to_its_end()
    # All that was under way counts as left, until it has an outcome.
    assert calls == [50, 30, 10][: kept + 1]
    assert (len(run.results), run.to_repeat()) == (done, IDS[done:])


async def test_messages_that_a_call_is_changing_are_taken_by_another_once_its_server_seems_gone() -> None:
    now = [1_000.0]
    terms = Terms("mail_move", "archive")
    alice = UserKey("contoso", "alice")
    selections = Selections(UserTicketsInMemory(), alice, None, HANDLES, clock=lambda: now[0])
    code = await selections.seal_selection(terms, Selection(IDS))
    await selections.take_selection(code, terms)
    await selections.keep_rest(code, terms, Selection(IDS[20:], changed=20), held_s=HELD_S)
    now[0] += 40
    with pytest.raises(InvalidInput, match=r"Another call is making this change.*changed nothing") as refused:
        await selections.take_selection(code, terms)
    assert refused.value.next_step.startswith("Repeat the call in 80 seconds")
    now[0] += 80
    rest = await selections.take_selection(code, terms)
    assert (rest.ids, rest.changed) == (IDS[20:], 20)
    with pytest.raises(InvalidInput, match="not known"):
        await selections.take_selection(code, terms)
