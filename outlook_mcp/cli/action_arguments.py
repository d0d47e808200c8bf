"""Which arguments of a command are used by some of its actions only; elsewhere they would be ignored."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping

from outlook_mcp.errors import ConfigurationError

_USED_BY: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "accounts": {"--device": ("connect",), "--no-browser": ("connect",)},
    "audit": {"--lines": ("tail",)},
    "keys": {"--rekey": ("rotate",), "--drop-old": ("rotate",), "--json": ("list",)},
    "sessions": {"id": ("revoke",), "--json": ("list",)},
    "users": {
        "user": ("show", "revoke", "block", "unblock", "export", "erase"),
        "--yes": ("erase",),
        "--json": ("list", "show"),
    },
}


def refuse_ignored(command: str, arguments: Namespace) -> None:
    """Raises ConfigurationError for an argument that the chosen action of the command would ignore.

    >>> refuse_ignored("users", Namespace(action="list", user="bob@contoso.example"))
    Traceback (most recent call last):
    outlook_mcp.errors.ConfigurationError: users list: 'bob@contoso.example' is one argument too many.
    """
    for argument, actions in _USED_BY.get(command, {}).items():
        given = getattr(arguments, argument.removeprefix("--").replace("-", "_"), None)
        if given in (None, False) or arguments.action in actions:
            continue
        if not argument.startswith("--"):
            raise ConfigurationError(f"{command} {arguments.action}: {given!r} is one argument too many.")
        used_by = " and ".join(f"{command} {action}" for action in actions)
        raise ConfigurationError(f"{argument}: expected with {used_by} only.")
