"""Every failure of every operation on mail, calendar and people is told as recorded."""

from __future__ import annotations

import json

import pytest

from outlook_mcp.tools import CATALOGUE
from tests.effort import usually
from tests.faults.office import Office
from tests.golden_answers.collecting import GOLDEN, RECORDED, collected
from tests.golden_answers.situations import MISTAKEN

# Of each operation every fifth situation.
STEP = usually(5, thoroughly=1)


@pytest.mark.asyncio(loop_scope="module")
async def test_each_failure_is_told_as_recorded(office: Office) -> None:
    recorded = json.loads(RECORDED.read_text())
    for name, told in (await collected(office, step=STEP)).items():
        expected = {situation: recorded[name][situation] for situation in told}
        assert told == expected, f"{name}; if this is meant: python -m tests.golden_answers"


@pytest.mark.asyncio(loop_scope="module")
async def test_every_tool_is_among_them(office: Office) -> None:
    assert {GOLDEN[name].prepare(office).tool for name in MISTAKEN} == {tool.name for tool in CATALOGUE}
