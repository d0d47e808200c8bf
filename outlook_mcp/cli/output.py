"""Standard output and standard error as they are on a console that lacks characters, or when nobody reads them."""

from __future__ import annotations

import os
import re
import sys
from io import TextIOWrapper

from outlook_mcp.errors import ConfigurationError

_NOT_PLAIN = re.compile(r"[^\n -~]")
# What a shell reports of a program that SIGPIPE ended.
PIPE_CLOSED = 141


def prepare_output() -> None:
    """Prints `?` for a character that the console lacks; one of Windows with code page 437 lacks most of them.

    Lines are written at once, also where no terminal reads them: between those of standard error they keep their order.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            is_utf8 = stream.encoding.lower().replace("-", "") == "utf8"
            stream.reconfigure(errors=None if is_utf8 else "replace", line_buffering=True)


def require_standard_streams() -> None:
    """Raises ConfigurationError when standard input or output is closed, over which MCP clients speak."""
    if sys.stdin is None or sys.stdout is None:
        closed = "input" if sys.stdin is None else "output"
        raise ConfigurationError(
            f"Standard {closed} is closed, and MCP over stdio needs it.",
            next_step="Let an MCP client start this command, or serve over HTTP: `outlook-mcp serve --http`.",
        )


def escaped(text: str) -> str:
    """`text` with what a terminal might obey or not show written as JSON writes it; line ends stay.

    >>> escaped("Zoë\\x1b[31m \\u202e\\x9b2J")
    'Zoë\\\\u001b[31m \\\\u202e\\\\u009b2J'
    """
    return _NOT_PLAIN.sub(lambda found: found[0] if found[0].isprintable() else _escape(found[0]), text)


def _escape(letter: str) -> str:
    """As in JSON, which knows 16 bits."""
    encoded = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{encoded[at : at + 2].hex()}" for at in range(0, len(encoded), 2))


def is_closed_pipe(error: BaseException) -> bool:
    """True when whoever read the output stopped, as `head` does; also for a group of nothing else."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_closed_pipe(inner) for inner in error.exceptions)
    return isinstance(error, BrokenPipeError)


def give_up_output() -> int:
    """Lets nothing more be written to standard output, not even when Python ends; returns the exit status."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return PIPE_CLOSED
