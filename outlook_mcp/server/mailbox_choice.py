"""Which mailbox a call is for: one that its user connected, or one that somebody else shares with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from outlook_mcp.errors import InvalidInput
from outlook_mcp.identity.scopes import covers
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.mailbox_choice import Mailboxes

_ADDRESS = re.compile(r"[^\s@/\\?#%<>\"',;:()]{1,64}@[^\s@/\\?#%<>\"',;:()]{1,255}")
READ_SHARED = "Mail.Read.Shared"


@dataclass(frozen=True, slots=True)
class ChosenMailbox:
    """`shared` is the address of the mailbox that is opened with the rights of the connection's user; None for that
    of the connection itself.
    """

    connection: Connection
    shared: str | None = None

    @property
    def permissions(self) -> Sequence[str]:
        """The Graph permissions that Microsoft granted, by their short names."""
        return short_names(self.connection.scopes)


async def choose_mailbox(mailboxes: Mailboxes, user: UserKey, account: str | None) -> ChosenMailbox:
    """The connection of `user` with this name, address or id, the default one for None, or a shared mailbox.

    An address that is none of their own is taken for a shared mailbox where a sign-in gave the permission for those:
    of the connections that have it one of the same domain is asked with first, then the default one, then the oldest.
    Whether the user has rights in that mailbox Exchange decides. Raises SignInRequired when the user has connected
    nothing, InvalidInput for any other name.
    """
    try:
        return ChosenMailbox(await mailboxes.choose(user, account))
    except InvalidInput as unknown:
        address, connections = (account or "").strip().lower(), await mailboxes.connections_of(user)
        if not connections or not _ADDRESS.fullmatch(address):
            raise
        able = [connection for connection in connections if _reads_shared(connection)]
        if not able:
            raise InvalidInput(
                f"{unknown.message} Another mailbox is opened only with the permission {READ_SHARED}, which was not "
                "granted.",
                next_step="Name a connected mailbox, or let whoever runs this server set SHARED_MAILBOXES and see to "
                "the consent in Entra ID, then sign in again.",
            ) from None
    domain = address.rpartition("@")[2]
    able.sort(key=lambda found: (found.address.lower().rpartition("@")[2] != domain, not found.is_default))
    return ChosenMailbox(able[0], address)


def short_names(permissions: Sequence[str]) -> list[str]:
    """Entra may write them in full.

    >>> short_names(["https://graph.microsoft.com/Mail.Read"])
    ['Mail.Read']
    """
    return [permission.rpartition("/")[2] for permission in permissions]


def _reads_shared(connection: Connection) -> bool:
    return covers(short_names(connection.scopes), (READ_SHARED,))
