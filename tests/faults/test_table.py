"""Answers are true whatever fails; see the package."""

from __future__ import annotations

from pathlib import Path

from tests.effort import usually
from tests.faults.office import open_office
from tests.faults.operations import OPERATIONS
from tests.faults.plans import PLANS
from tests.faults.table import ALL_CELLS, some_cells, untrue_answers

# Of each row every 33rd fault.
STEP = usually(33, thoroughly=1)


def test_a_run_tries_every_operation_and_every_fault_whatever_its_step() -> None:
    for step in range(1, len(ALL_CELLS) + 1):
        cells = some_cells(step)
        assert {operation for operation, _ in cells} == set(OPERATIONS)
        assert {plan for _, plan in cells} == set(PLANS)


async def test_a_fault_that_cannot_happen_to_an_operation_is_tried_with_another_one(tmp_path: Path) -> None:
    cells = [("read many", "503 on the second request")]
    async with open_office(tmp_path) as office:
        # The first call asks more than later ones, such as which folders are special.
        assert [line async for line in untrue_answers(office, cells)] == []
        alone = [line async for line in untrue_answers(office, cells)]
        assert alone == ["503 on the second request: no fault happened", "read many: no fault happened"]
        assert [line async for line in untrue_answers(office, cells, others=ALL_CELLS)] == []


async def test_no_answer_says_less_or_more_than_what_happened(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        untrue = [line async for line in untrue_answers(office, some_cells(STEP), others=ALL_CELLS)]
    assert untrue == []
