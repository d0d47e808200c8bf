"""A request to the contacts of a user."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.errors import bad_request, item_not_found
from outlook_mcp.sandbox.graph.core.refusals import id_refusals
from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.store.contacts.contacts import Contacts, StoredContact
from outlook_mcp.sandbox.store.contacts.folders import (
    DEFAULT,
    ContactFolder,
    ContactFolderExists,
    ContactFolders,
    DefaultContactFolder,
)
from outlook_mcp.sandbox.store.core.accounts import Account, Accounts
from outlook_mcp.sandbox.store.core.database import Database


@dataclass(frozen=True, slots=True)
class PeopleSources:
    """Where people are found: the database of contacts, the users, and with whom a user exchanges how many messages."""

    database: Database
    accounts: Accounts
    correspondents: Callable[[Account], Sequence[tuple[Address, int]]]


@dataclass(frozen=True, slots=True)
class ContactCall(Call):
    """`contacts` and `folders` are those of the user in the path."""

    contacts: Contacts
    folders: ContactFolders
    sources: PeopleSources

    @classmethod
    def of(cls, call: Call, sources: PeopleSources) -> ContactCall:
        return cls(
            *call.parts,
            Contacts(sources.database, call.account),
            ContactFolders(sources.database, call.account),
            sources,
        )

    def folder(self) -> ContactFolder:
        """The folder of the path, else the default one."""
        with store_refusals():
            return self.folders.by_id(self.arguments.get("folder", DEFAULT))

    def contact(self) -> StoredContact:
        """The contact of the path, which must be in the folder of the path."""
        with store_refusals():
            stored = self.contacts.by_id(self.arguments["contact"])
        if "folder" in self.arguments and stored.row["folder"] != self.folder().key:
            raise item_not_found()
        return stored


@contextmanager
def store_refusals() -> Iterator[None]:
    """Turns refusals of the store into the answers of Graph."""
    try:
        with id_refusals():
            yield
    except ContactFolderExists as error:
        raise bad_request("A folder with the specified name already exists.", "ErrorFolderExists") from error
    except DefaultContactFolder as error:
        raise bad_request("Distinguished folders cannot be changed.", "ErrorDeleteDistinguishedFolder") from error
