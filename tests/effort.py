"""How much the tests that repeat something do: enough for every run, and more in `python -m tests --thorough`."""

from __future__ import annotations

import os

VARIABLE = "OUTLOOK_TEST_THOROUGH"
IS_THOROUGH = os.environ.get(VARIABLE) == "1"


def usually(number: int, *, thoroughly: int) -> int:
    """How many users, rounds or examples a test takes in this run."""
    return thoroughly if IS_THOROUGH else number
