"""No instant and no day of generated events in 40 zones is kept or told wrong; see tests/calendar/generated."""

from __future__ import annotations

from pathlib import Path

from tests.calendar.generated.generator import ZONES
from tests.calendar.generated.rounds import EVENTS, open_rounds
from tests.effort import usually

# Every zone reads the calendar in one of 41 rounds.
ROUNDS = usually(200, thoroughly=100_000) // EVENTS


async def test_no_instant_and_no_day_is_kept_or_told_wrong_in_any_of_40_zones(tmp_path: Path) -> None:
    assert len(ZONES) >= 40
    async with open_rounds(tmp_path, 2026) as rounds:
        for number in range(ROUNDS):
            await rounds.run(number)
        figures = rounds.figures
    print(figures)
    assert figures.events + figures.refused == ROUNDS * EVENTS
    # Six patterns, each with three ranges, and those without.
    assert len(figures.kinds) >= 14
    assert min(figures.by_tool, figures.exceptions, figures.lines) > ROUNDS
