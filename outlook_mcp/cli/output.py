"""Standard output and standard error as they are on a console that lacks characters, or when nobody reads them."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

# What a shell reports of a program that SIGPIPE ended.
PIPE_CLOSED = 141


def replace_missing_characters() -> None:
    """Prints `?` for a character that the console lacks; one of Windows with code page 437 lacks most of them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(errors="replace")


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
