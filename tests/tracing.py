"""Which tests are traced for the figures of coverage: tracing nearly doubles the time of a test.

What the others run is in other processes, reads source files, is the sandbox, which is left out of the figures, or is
run by the traced tests too.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from coverage import Coverage

from tests.slow import is_slow

TESTS = Path(__file__).parent
NOT_TRACED = (TESTS / "architecture", TESTS / "sandbox")


@cache
def is_traced(file: Path) -> bool:
    return not is_slow(file) and not any(file.is_relative_to(folder) for folder in NOT_TRACED)


class Tracing:
    """The tracing of this process, of which there is none without `--cov`."""

    def __init__(self) -> None:
        self._paused: Coverage | None = None

    def pause(self) -> None:
        if running := Coverage.current():
            running.stop()
            self._paused = running

    def resume(self) -> None:
        if self._paused is not None:
            self._paused.start()
            self._paused = None
