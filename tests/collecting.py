"""In a checkout whose tests were never compiled one process of a run collects before the others do.

pytest compiles the files of tests when it collects them: 17 s of CPU in each process that finds none compiled.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from tests.waiting import wait_until

VARIABLE = "OUTLOOK_TEST_COLLECTED"
ROOT = Path(__file__).parents[1]


def is_compiled() -> bool:
    """Whether an earlier run of pytest has compiled tests in this checkout."""
    return any(ROOT.glob("tests/*/__pycache__/*-pytest-*.pyc"))


def is_first_process() -> bool:
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0"


def wait_for_the_first() -> None:
    """Returns when the first process has collected, at once in a run that does not ask for it, else after a minute."""
    if file := os.environ.get(VARIABLE):
        with suppress(TimeoutError):
            wait_until(Path(file).exists)


def tell_the_others() -> None:
    if file := os.environ.get(VARIABLE):
        Path(file).touch()
