"""Questions to the person at the terminal."""

from __future__ import annotations

import sys

import anyio.to_thread

from outlook_mcp.config.terminal import can_answer


def answer_to(question: str, default: str = "") -> str:
    """What the person typed, `default` for an empty line or the end of the input."""
    hint = f" [{default}]" if default else ""
    print(f"{question}{hint} ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() or default


def agrees_to(question: str, *, default: bool = False) -> bool:
    """Whether the person typed yes."""
    return answer_to(question, "Y/n" if default else "y/N").lower() in ("y", "yes", *(("y/n",) if default else ()))


async def confirmed(question: str) -> bool:
    """Whether the person agrees; False without a terminal. Does not hold up what else this process does."""
    return can_answer() and await anyio.to_thread.run_sync(agrees_to, question, abandon_on_cancel=True)
