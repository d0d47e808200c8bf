"""Names what the first answers of `serve` depend on. Uses the standard library only, and takes milliseconds."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence

import outlook_mcp

_PREFIX = "OUTLOOK_MCP_"
_CONFIG = f"{_PREFIX}CONFIG"
# They shape no answer, and nothing that could be guessed from a digest is made of them.
SECRETS = frozenset(
    {
        "CLIENT_SECRET",
        "CLIENTS",
        "LOGIN_HINT",
        "MASTER_KEY",
        "METRICS_TOKEN",
        "OIDC_CLIENT_SECRET",
        "PROXY",
        "STORE",
    },
)
_PACKAGE = os.path.dirname(os.path.abspath(outlook_mcp.__file__))


def answers_key(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """A digest (SHA-256, hexadecimal) that changes with the program, its libraries, Python, and any setting.

    Settings are the arguments, the variables and the file with its size and time of change.
    """
    variables = {
        name: value
        for name, value in environment.items()
        if name.startswith(_PREFIX) and name.removeprefix(_PREFIX) not in SECRETS
    }
    parts = (
        (outlook_mcp.__version__, sys.version, sys.executable, _PACKAGE),
        list(arguments),
        sorted(variables.items()),
        _stamp(config_file(environment)),
        # The folder of a library changes when one is installed, updated or removed.
        [_stamp(folder) for folder in sys.path if folder.endswith("-packages")],
        sorted(_stamps_of_code(_PACKAGE)),
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def config_file(environment: Mapping[str, str]) -> str:
    """The path of the file with settings, as `outlook_mcp.config` finds it."""
    given = environment.get(_CONFIG)
    if given is not None:
        return os.path.expanduser(given)
    usual = "~/Library/Application Support" if sys.platform == "darwin" else "~/.config"
    return os.path.join(_user_folder(environment, "XDG_CONFIG_HOME", usual), "config.toml")


def cache_folder(environment: Mapping[str, str]) -> str:
    """The folder for what can be made again, by the custom of the operating system."""
    usual = "~/Library/Caches" if sys.platform == "darwin" else "~/.cache"
    return _user_folder(environment, "XDG_CACHE_HOME", usual)


def _user_folder(environment: Mapping[str, str], variable: str, usual: str) -> str:
    return os.path.join(environment.get(variable, "").strip() or os.path.expanduser(usual), "outlook-mcp")


def _stamp(path: str) -> tuple[str, int, int]:
    """The path, with the size and the time of change (ns) of what stands there; zeros when there is nothing."""
    try:
        found = os.stat(path)
    except OSError:
        return path, 0, 0
    return path, found.st_size, found.st_mtime_ns


def _stamps_of_code(folder: str) -> Iterator[tuple[str, int, int]]:
    """Of the source that may shape an answer; the sandbox is another program."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                found = entry.stat()
                yield entry.path, found.st_size, found.st_mtime_ns
            elif entry.name not in ("__pycache__", "sandbox") and entry.is_dir():
                yield from _stamps_of_code(entry.path)
