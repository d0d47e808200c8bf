"""Which mailboxes there are, by user and by address."""

from __future__ import annotations

from collections.abc import Mapping

from outlook_mcp.sandbox.store.core.accounts import Account, Accounts
from outlook_mcp.sandbox.store.core.counters import Counters
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.core.errors import ItemNotFound
from outlook_mcp.sandbox.store.mail.folders import Folders
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox
from outlook_mcp.sandbox.store.mail.recipients import Groups


class Mailboxes:
    """The mail side of every account of a database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.accounts = Accounts(database)
        self.groups = Groups(database)

    def add_mailbox(
        self,
        tid: str,
        oid: str,
        upn: str,
        display_name: str,
        *,
        folder_names: Mapping[str, str | None] | None = None,
    ) -> Mailbox:
        """`folder_names` maps well-known names to other display names, or to None for a missing folder."""
        with self.database.transaction():
            account = self.accounts.add_account(tid, oid, upn, display_name)
            folders = Folders(self.database, account, Counters(self.database, account.key))
            folders.create_well_known(folder_names or {})
        return self.of_account(account)

    def of_account(self, account: Account) -> Mailbox:
        return Mailbox(self.database, account)

    def mailbox(self, oid: str) -> Mailbox:
        """The mailbox of the user with this object id. Raises ItemNotFound."""
        mailbox = self.find_mailbox(oid)
        if mailbox is None:
            raise ItemNotFound(oid)
        return mailbox

    def find_mailbox(self, oid: str) -> Mailbox | None:
        """As `mailbox`, but None where there is none."""
        account = self.accounts.by_oid(oid)
        return None if account is None else self.of_account(account)

    def mailbox_by_address(self, address: str) -> Mailbox | None:
        account = self.accounts.by_address(address)
        return None if account is None else self.of_account(account)

    def mailboxes(self) -> list[Mailbox]:
        return [self.of_account(account) for account in self.accounts.all_accounts()]
