"""Answers are true whatever fails; see the package."""

from __future__ import annotations

from pathlib import Path

from tests.effort import usually
from tests.faults.office import open_office
from tests.faults.operations import OPERATIONS
from tests.faults.plans import PLANS
from tests.faults.table import some_cells, untrue_answers

# Of each row every 33rd fault.
STEP = usually(33, thoroughly=1)


def test_a_run_tries_every_operation_and_every_fault() -> None:
    cells = some_cells(STEP)
    assert {operation for operation, _ in cells} == set(OPERATIONS)
    assert {plan for _, plan in cells} == set(PLANS)


async def test_no_answer_says_less_or_more_than_what_happened(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        untrue = [line async for line in untrue_answers(office, some_cells(STEP))]
    assert untrue == []
