"""Which delegated permissions allow what with mail; one of a tuple is enough."""

from __future__ import annotations

_SHARED = ".Shared"
READ_BASIC = (
    *("Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite"),
    *("Mail.ReadBasic.Shared", "Mail.Read.Shared", "Mail.ReadWrite.Shared"),
)
READ = ("Mail.Read", "Mail.ReadWrite", "Mail.Read.Shared", "Mail.ReadWrite.Shared")
READ_WRITE = ("Mail.ReadWrite", "Mail.ReadWrite.Shared")
SEND = ("Mail.Send", "Mail.Send.Shared")
# For what there is in the own mailbox only.
READ_OWN = ("Mail.Read", "Mail.ReadWrite")
READ_WRITE_OWN = ("Mail.ReadWrite",)
SETTINGS = ("MailboxSettings.Read", "MailboxSettings.ReadWrite")
SETTINGS_WRITE = ("MailboxSettings.ReadWrite",)
USER = ("User.Read", "User.ReadWrite", "User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All")


def shared(scopes: tuple[str, ...]) -> tuple[str, ...]:
    """The scopes that are for mailboxes of others too.

    >>> shared(SEND)
    ('Mail.Send.Shared',)
    """
    return tuple(scope for scope in scopes if scope.endswith(_SHARED))
