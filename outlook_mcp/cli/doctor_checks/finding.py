"""What a check found, and how to mend it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

import anyio

from outlook_mcp.answers.remedies import Audience, message_for, next_step
from outlook_mcp.config import Configuration
from outlook_mcp.errors import OutlookError

DEADLINE_S = 40.0


class State(StrEnum):
    """WARN is what stops no call, or not every one; FAIL is what has to be mended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in one respect; `fix` is what to do, "" where nothing has to be done."""

    name: str
    state: State
    told: str
    fix: str = ""

    @classmethod
    def of_error(cls, name: str, error: OutlookError, state: State = State.FAIL) -> Finding:
        """What an error says, with its next step as the fix."""
        told = message_for(error, Audience.COMMAND_LINE)
        return cls(name, state, told, next_step(error, Audience.COMMAND_LINE))


Check = Callable[[Configuration], Awaitable[list[Finding]]]


async def checked(
    name: str, check: Check, configuration: Configuration, deadline_s: float = DEADLINE_S
) -> list[Finding]:
    """The findings of a check; an error or a deadline passed becomes one."""
    try:
        with anyio.fail_after(deadline_s):
            return await check(configuration)
    except OutlookError as error:
        return [Finding.of_error(name, error)]
    except TimeoutError:
        return [
            Finding(name, State.FAIL, f"Not answered within {deadline_s:g} s.", "Check the network, then try again.")
        ]
