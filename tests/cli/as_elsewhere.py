"""Runs commands as on another system: with its name for the platform, and without the modules and calls that it lacks.

`python -m tests.cli.as_elsewhere PLATFORM COMMAND -- COMMAND ...`, each command with its arguments; prints the status
after each. What belongs to others is loaded before, since it would look for the real system.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import resource
import select
import ssl
import sys
import time
import types
from collections.abc import Iterable
from itertools import groupby

OF_OTHERS = (
    *("aiohttp", "anyio.to_thread", "anyio._backends._asyncio", "cryptography", "httpx", "jinja2", "jwt", "keyring"),
    *("mcp.server", "platformdirs", "pydantic_settings", "redis.asyncio", "starlette.applications", "uvicorn"),
    *("concurrent.futures", "multiprocessing", "sqlite3", "subprocess", "tempfile", "tomllib", "webbrowser"),
)
NO_MODULES_OF_WINDOWS = ("fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty")
NO_CALLS_OF_WINDOWS = (
    *("fchmod", "fchown", "fork", "getegid", "geteuid", "getgid", "getuid", "killpg", "mkfifo", "register_at_fork"),
    *("sched_getaffinity", "setsid", "wait4", "waitpid", "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK"),
)
NO_CALLS_OF_MACOS = {
    os: ("eventfd", "getrandom", "memfd_create", "pidfd_open", "posix_fadvise", "posix_fallocate", "sched_getaffinity"),
    resource: ("prlimit",),
    select: ("epoll",),
    time: ("CLOCK_BOOTTIME",),
}


def become_windows() -> None:
    """From now on modules that are imported see Windows."""
    for name in NO_MODULES_OF_WINDOWS:
        sys.modules[name] = None  # type: ignore[assignment]
    _remove(os, NO_CALLS_OF_WINDOWS)
    locks = types.ModuleType("msvcrt")
    locks.__dict__.update(LK_NBLCK=2, LK_UNLCK=0, locking=lambda *_: None)
    sys.modules["msvcrt"] = locks
    ssl.__dict__["enum_certificates"] = lambda _: ()
    for name in ("add_signal_handler", "remove_signal_handler"):
        setattr(asyncio.SelectorEventLoop, name, getattr(asyncio.AbstractEventLoop, name))


def become_macos() -> None:
    """From now on modules that are imported see macOS."""
    for module, names in NO_CALLS_OF_MACOS.items():
        _remove(module, names)


def _remove(module: types.ModuleType, names: Iterable[str]) -> None:
    for name in names:
        if hasattr(module, name):
            delattr(module, name)


def run_commands(words: Iterable[str]) -> None:
    """Runs those between the dashes, one after the other."""
    main = importlib.import_module("outlook_mcp.cli").main
    for is_end, command in groupby(words, lambda word: word == "--"):
        if not is_end:
            print(f"status {main(list(command))}", flush=True)


if __name__ == "__main__":
    for of_others in OF_OTHERS:
        importlib.import_module(of_others)
    # Since Python 3.14 the kind of event loop is chosen by the first one, as the platform is called then.
    asyncio.new_event_loop().close()
    {"win32": become_windows, "darwin": become_macos}[sys.argv[1]]()
    sys.platform = sys.argv[1]
    run_commands(sys.argv[2:])
