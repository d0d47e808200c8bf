"""Runs commands as on Windows: with its name for the platform, and without the modules and calls that it lacks.

`python -m tests.cli.as_on_windows COMMAND -- COMMAND ...`, each with its arguments; prints the status after each. What
belongs to others is loaded before, since it would look for a real Windows.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
import types
from collections.abc import Iterable
from itertools import groupby

OF_OTHERS = (
    *("aiohttp", "anyio.to_thread", "anyio._backends._asyncio", "cryptography", "httpx", "jinja2", "jwt", "keyring"),
    *("mcp.server", "platformdirs", "pydantic_settings", "redis.asyncio", "starlette.applications", "uvicorn"),
    *("concurrent.futures", "multiprocessing", "sqlite3", "subprocess", "tempfile", "tomllib", "webbrowser"),
)
LACKING_MODULES = ("fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty")
LACKING_CALLS = (
    *("fchmod", "fchown", "fork", "getegid", "geteuid", "getgid", "getuid", "killpg", "mkfifo", "register_at_fork"),
    *("sched_getaffinity", "setsid", "wait4", "waitpid", "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK"),
)


def change_platform() -> None:
    """From now on modules that are imported see Windows."""
    for name in OF_OTHERS:
        importlib.import_module(name)
    for name in LACKING_MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    for name in LACKING_CALLS:
        if hasattr(os, name):
            delattr(os, name)
    locks = types.ModuleType("msvcrt")
    locks.__dict__.update(LK_NBLCK=2, LK_UNLCK=0, locking=lambda *_: None)
    sys.modules["msvcrt"] = locks
    for name in ("add_signal_handler", "remove_signal_handler"):
        setattr(asyncio.SelectorEventLoop, name, getattr(asyncio.AbstractEventLoop, name))
    sys.platform = "win32"


def run_commands(words: Iterable[str]) -> None:
    """Runs those between the dashes, one after the other."""
    main = importlib.import_module("outlook_mcp.cli").main
    for is_end, command in groupby(words, lambda word: word == "--"):
        if not is_end:
            print(f"status {main(list(command))}", flush=True)


if __name__ == "__main__":
    change_platform()
    run_commands(sys.argv[1:])
