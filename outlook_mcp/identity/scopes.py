"""What a client may be allowed to do, in our own words; Graph's permissions stand behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """`plain_words` are for the consent page; `graph` are the Graph permissions it needs."""

    name: str
    plain_words: str
    graph: tuple[str, ...]


SCOPES: tuple[Scope, ...] = (
    Scope("mail.read", "Read your mail and your folders", ("User.Read", "Mail.Read", "MailboxSettings.Read")),
    Scope("mail.write", "Change, move and delete your mail, and write drafts", ("Mail.ReadWrite",)),
    Scope("mail.send", "Send mail in your name", ("Mail.ReadWrite", "Mail.Send")),
    Scope("settings", "Change the settings of your mailbox", ("MailboxSettings.ReadWrite",)),
)
BY_NAME = {scope.name: scope for scope in SCOPES}
# What a client gets that asks for nothing in particular: more comes by step-up.
FIRST = ("mail.read",)
# Gates the refresh token in the eyes of some clients; every grant has one here.
OFFLINE_ACCESS = "offline_access"
_CONTAINS = {"Mail.ReadWrite": "Mail.Read", "MailboxSettings.ReadWrite": "MailboxSettings.Read"}


def known(names: Iterable[str]) -> tuple[str, ...]:
    """Those that are scopes of ours, each once, in the order of `SCOPES`."""
    asked = set(names)
    return tuple(scope.name for scope in SCOPES if scope.name in asked)


def graph_permissions(names: Iterable[str]) -> tuple[str, ...]:
    """The least Graph permissions that these scopes need; reading is part of every one."""
    asked = {*FIRST, *names}
    return widened(*(scope.graph for scope in SCOPES if scope.name in asked), (OFFLINE_ACCESS,))


def widened(*permissions: Iterable[str]) -> tuple[str, ...]:
    """All of several lists of Graph permissions, each once, without those that another one contains."""
    wanted = dict.fromkeys(permission for some in permissions for permission in some)
    contained = {_CONTAINS[permission] for permission in wanted if permission in _CONTAINS}
    return tuple(permission for permission in wanted if permission not in contained)


def covers(granted: Iterable[str], wanted: Iterable[str]) -> bool:
    """True when Graph permissions add nothing to others."""
    granted = tuple(granted)
    return set(widened(granted, wanted)) == set(widened(granted))
