"""The one table of scopes: what a client may be allowed to do, and the Graph permissions behind it.

A row is all that a new area needs here: toolsets of the configuration, consent page, metadata, README and the Graph
permissions that are asked for all derive from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from outlook_mcp.errors import ConfigurationError

# Address, name and time zone of the user, which every tool needs.
BASIC_PERMISSIONS = ("User.Read", "MailboxSettings.Read")
# Name and address of every colleague: https://learn.microsoft.com/graph/permissions-reference#userreadbasicall
DIRECTORY_PERMISSION = "User.ReadBasic.All"
# Asks for a refresh token. Some clients look for it among the scopes; every grant has one here.
OFFLINE_ACCESS = "offline_access"
# The end of a Graph permission that also covers what others share with the user.
SHARED = ".Shared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One row: the scope's `name` in tokens, the `toolset` that needs it, and `plain_words` for the consent page.

    `graph` are the Graph permissions that its tools need besides `BASIC_PERMISSIONS`. `reads_only` says that its tools
    change nothing; `is_default` that they are offered without being asked for.
    """

    name: str
    toolset: str
    plain_words: str
    graph: tuple[str, ...]
    reads_only: bool = False
    is_default: bool = True


# The most harmless first: that is what a client gets that names no scope.
SCOPES: tuple[Scope, ...] = (
    Scope(
        name="mail.read",
        toolset="mail-read",
        plain_words="Read your mail and your folders",
        graph=("Mail.Read",),
        reads_only=True,
    ),
    Scope(
        name="mail.write",
        toolset="mail-write",
        plain_words="Change, move and delete your mail, and write drafts",
        graph=("Mail.ReadWrite",),
    ),
    Scope(
        name="mail.send",
        toolset="mail-send",
        plain_words="Send mail in your name",
        graph=("Mail.ReadWrite", "Mail.Send"),
    ),
    Scope(
        name="mail.sync",
        toolset="mail-sync",
        plain_words="See what changed in your mail, and export it",
        graph=("Mail.Read",),
        reads_only=True,
        is_default=False,
    ),
    Scope(
        name="mail.organize",
        toolset="mail-organize",
        plain_words="Create, rename, move, empty and delete your mail folders",
        graph=("Mail.ReadWrite",),
        is_default=False,
    ),
    Scope(
        name="mail.settings",
        toolset="mail-settings",
        plain_words="Change your automatic replies, inbox rules, categories and other mail settings",
        graph=("Mail.ReadWrite", "MailboxSettings.ReadWrite"),
        is_default=False,
    ),
    Scope(
        name="mail.unsubscribe",
        toolset="mail-unsubscribe",
        plain_words="Unsubscribe you from mailing lists, also by sending mail in your name",
        graph=("Mail.ReadWrite", "Mail.Send"),
        is_default=False,
    ),
    Scope(
        name="calendar.read",
        toolset="calendar-read",
        plain_words="Read your calendar, and when people are free",
        graph=("Calendars.Read",),
        reads_only=True,
        is_default=False,
    ),
    Scope(
        name="calendar.write",
        toolset="calendar-write",
        plain_words="Change your calendar where nobody else is told, and prepare invitations",
        graph=("Calendars.ReadWrite",),
        is_default=False,
    ),
    Scope(
        name="calendar.send",
        toolset="calendar-send",
        plain_words="Invite people, and change, answer and cancel meetings in your name",
        graph=("Calendars.ReadWrite",),
        is_default=False,
    ),
    Scope(
        name="contacts.read",
        toolset="contacts-read",
        plain_words="Read your contacts, and find people whom you deal with",
        graph=("Contacts.Read", "People.Read"),
        reads_only=True,
        is_default=False,
    ),
    Scope(
        name="contacts.write",
        toolset="contacts-write",
        plain_words="Create, change and delete your contacts",
        graph=("Contacts.ReadWrite",),
        is_default=False,
    ),
)
BY_NAME = {scope.name: scope for scope in SCOPES}
ALL_SCOPES = tuple(BY_NAME)
DEFAULT_SCOPES = tuple(scope.name for scope in SCOPES if scope.is_default)
TOOLSETS = tuple(scope.toolset for scope in SCOPES)
DEFAULT_TOOLSETS = tuple(scope.toolset for scope in SCOPES if scope.is_default)
_BY_TOOLSET = {scope.toolset: scope for scope in SCOPES}
# https://learn.microsoft.com/graph/permissions-reference
_CONTAINED: dict[str, tuple[str, ...]] = {
    "Mail.ReadWrite": ("Mail.Read",),
    "Mail.Read.Shared": ("Mail.Read",),
    "Mail.ReadWrite.Shared": ("Mail.ReadWrite", "Mail.Read", "Mail.Read.Shared"),
    "Mail.Send.Shared": ("Mail.Send",),
    "MailboxSettings.ReadWrite": ("MailboxSettings.Read",),
    "Calendars.ReadWrite": ("Calendars.Read",),
    "Contacts.ReadWrite": ("Contacts.Read",),
    "Calendars.Read.Shared": ("Calendars.Read",),
    "Calendars.ReadWrite.Shared": ("Calendars.ReadWrite", "Calendars.Read", "Calendars.Read.Shared"),
}


def scope_of_toolset(toolset: str) -> Scope:
    """The row of this toolset. Raises ConfigurationError when there is none.

    >>> scope_of_toolset("mail-send").name
    'mail.send'
    """
    try:
        return _BY_TOOLSET[toolset]
    except KeyError:
        raise ConfigurationError(f"toolsets: expected {expected_toolsets([toolset])}.") from None


def expected_toolsets(given: Iterable[str]) -> str:
    """What is expected instead of these: all toolsets there are, and the first that is none with the one it resembles.

    >>> expected_toolsets(["mail-read", "mail-raed"]).partition("contacts-write ")[2]
    "('mail-raed' is none; did you mean mail-read?)"
    >>> expected_toolsets(["calendar"]).partition("contacts-write ")[2]
    "('calendar' is none; did you mean calendar-read?)"
    """
    there_are = f"all, or one or more of {', '.join(TOOLSETS)}"
    for toolset in given:
        if toolset not in _BY_TOOLSET:
            of_area = [name for name in TOOLSETS if name.startswith(f"{toolset}-")]
            close = of_area or get_close_matches(toolset, TOOLSETS, n=1, cutoff=0.8)
            return f"{there_are} ({toolset[:40]!r} is none" + (f"; did you mean {close[0]}?)" if close else ")")
    return there_are


def named_toolsets(names: Iterable[str]) -> tuple[str, ...]:
    """The toolsets of these names, whose case does not matter; `all` is every one.

    Raises ValueError with what is expected.

    >>> named_toolsets(["Mail_Read"]), len(named_toolsets(["all"]))
    (('mail-read',), 12)
    """
    toolsets = tuple(name.lower().replace("_", "-") for name in names)
    if toolsets == ("all",):
        return TOOLSETS
    if not toolsets or not _BY_TOOLSET.keys() >= set(toolsets):
        raise ValueError(expected_toolsets(toolsets))
    return toolsets


def scopes_of_toolsets(toolsets: Iterable[str], *, read_only: bool = False) -> tuple[str, ...]:
    """The scopes that the tools of these toolsets need; with `read_only`, of those tools that change nothing.

    Raises ConfigurationError for an unknown toolset.

    >>> scopes_of_toolsets(["mail-send", "mail-read"])
    ('mail.read', 'mail.send')
    >>> scopes_of_toolsets(["mail-send", "mail-read"], read_only=True)
    ('mail.read',)
    """
    rows = [scope_of_toolset(toolset) for toolset in toolsets]
    return known_scopes(row.name for row in rows if row.reads_only or not read_only)


def known_scopes(names: Iterable[str]) -> tuple[str, ...]:
    """The scopes of `names` that are in the table, each once, in the order of the table.

    >>> known_scopes(["mail.send", "files", "mail.read", "mail.send"])
    ('mail.read', 'mail.send')
    """
    asked = set(names)
    return tuple(scope.name for scope in SCOPES if scope.name in asked)


def graph_permissions(names: Iterable[str]) -> tuple[str, ...]:
    """The least Graph permissions that these scopes need, with `offline_access`; unknown scopes need nothing.

    >>> graph_permissions(["mail.read"])
    ('User.Read', 'MailboxSettings.Read', 'Mail.Read', 'offline_access')
    >>> graph_permissions(["mail.read", "mail.send"])
    ('User.Read', 'MailboxSettings.Read', 'Mail.ReadWrite', 'Mail.Send', 'offline_access')
    """
    return merged_permissions(
        BASIC_PERMISSIONS, *(BY_NAME[name].graph for name in known_scopes(names)), (OFFLINE_ACCESS,)
    )


def merged_permissions(*permissions: Iterable[str]) -> tuple[str, ...]:
    """Several lists of Graph permissions as one: each once, without those that another one contains.

    >>> merged_permissions(["User.Read", "Mail.Read"], ["Mail.ReadWrite", "User.Read"])
    ('User.Read', 'Mail.ReadWrite')
    """
    wanted = dict.fromkeys(permission for some in permissions for permission in some)
    contained = {smaller for permission in wanted for smaller in _CONTAINED.get(permission, ())}
    return tuple(permission for permission in wanted if permission not in contained)


def with_shared(permissions: Iterable[str]) -> tuple[str, ...]:
    """These Graph permissions, and with those for mail the ones for mailboxes that others share with the user.

    >>> with_shared(["User.Read", "Mail.ReadWrite", "offline_access"])
    ('User.Read', 'Mail.ReadWrite', 'offline_access', 'Mail.ReadWrite.Shared')
    """
    asked = tuple(permissions)
    shared = (permission + SHARED for permission in asked if permission + SHARED in _CONTAINED)
    return tuple(dict.fromkeys((*asked, *shared)))


def with_directory(permissions: Iterable[str]) -> tuple[str, ...]:
    """These Graph permissions, and with that for people the one for the directory of their organisation.

    >>> with_directory(["Contacts.Read", "People.Read"])
    ('Contacts.Read', 'People.Read', 'User.ReadBasic.All')
    """
    asked = tuple(permissions)
    return tuple(dict.fromkeys((*asked, *((DIRECTORY_PERMISSION,) if "People.Read" in asked else ()))))


def covers(granted: Iterable[str], wanted: Iterable[str]) -> bool:
    """True when the Graph permissions `granted` hold all of `wanted`, themselves or within a greater one.

    >>> covers(["Mail.ReadWrite", "Mail.Send"], ["Mail.Read"])
    True
    >>> covers(["Mail.Read"], ["Mail.ReadWrite"])
    False
    """
    granted = tuple(granted)
    return set(merged_permissions(granted, wanted)) == set(merged_permissions(granted))
