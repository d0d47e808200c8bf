"""The calls of the control API about mailboxes: what an administrator of Exchange would set, and the time."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from outlook_mcp.sandbox.clock import Clock
from outlook_mcp.sandbox.directory import Directory
from outlook_mcp.sandbox.graph.mail.notifications import LifecycleEvent, Notifier
from outlook_mcp.sandbox.store import Mailbox, MailboxExists, MailStore
from outlook_mcp.sandbox.store.mail.grants import Right, grant_rights
from outlook_mcp.sandbox.store.mail.recipients import RecipientSettings, set_recipient
from outlook_mcp.sandbox.store.mail.settings import change_settings

_SHARED = UUID("3f2b9d6e-1a4c-4e7f-8b90-5c6d7e8f9a0b")
_AddressText = Annotated[str, Field(pattern=r"^[^\s@]+@[^\s@]+$")]


class Body(BaseModel):
    """The body of a call; unknown names are refused."""

    model_config = ConfigDict(extra="forbid")


class MailboxBody(Body):
    """A shared mailbox, whose domain is that of a tenant."""

    address: _AddressText
    display_name: str = Field(min_length=1)


class GrantBody(Body):
    """`mailbox` and `user` are object ids or addresses; `rights` replace what the user had in the mailbox."""

    mailbox: str
    user: str
    rights: list[Right]


class RecipientBody(Body):
    """What is left out is as in a new mailbox; `max_message_size` is in bytes."""

    user: str
    aliases: list[_AddressText] = []
    custom_mail_tip: str = ""
    mailbox_full: bool = False
    delivery_restricted: bool = False
    moderated: bool = False
    max_message_size: int = Field(default=RecipientSettings().max_message_size, ge=0, le=2**31 - 1)


class GroupBody(Body):
    """A distribution group; members are addresses."""

    address: _AddressText
    display_name: str = ""
    members: list[_AddressText]


class LifecycleBody(Body):
    """What the receiver of lifecycle notifications is told of a subscription, by its id."""

    subscription: str
    event: LifecycleEvent


class ClockBody(Body):
    """Seconds by which the time of the sandbox moves on."""

    advance_s: float = Field(ge=0, allow_inf_nan=False, le=10**9)


class MailboxControl:
    """What the calls do; unknown users are refused with HTTPException."""

    def __init__(self, store: MailStore, directory: Directory, clock: Clock) -> None:
        self._store, self._directory, self._clock = store, directory, clock

    def add_shared_mailbox(self, body: MailboxBody) -> str:
        """The object id of the new mailbox."""
        tenant = self._directory.tenant(body.address.rpartition("@")[2])
        if tenant is None:
            raise HTTPException(400, "address: its domain is that of no tenant")
        if self._store.mailbox_by_address(body.address) is not None:
            raise HTTPException(400, "address: there is such a mailbox already")
        oid = str(uuid5(_SHARED, body.address.lower()))
        mailbox = self._store.add_mailbox(tenant.tid, oid, body.address, body.display_name)
        change_settings(mailbox, {"userPurpose": "shared"})
        return oid

    def grant(self, body: GrantBody) -> None:
        grant_rights(self._mailbox(body.mailbox, "mailbox"), self._mailbox(body.user, "user").account.oid, body.rights)

    def set_recipient(self, body: RecipientBody) -> None:
        mailbox = self._mailbox(body.user, "user")
        try:
            self._store.accounts.set_aliases(mailbox.account, body.aliases)
        except MailboxExists as error:
            raise HTTPException(400, f"aliases: {error} is taken") from error
        set_recipient(mailbox, RecipientSettings(**body.model_dump(exclude={"user", "aliases"})))

    def put_group(self, body: GroupBody) -> None:
        if self._store.mailbox_by_address(body.address) is not None:
            raise HTTPException(400, "address: there is a mailbox with this address")
        self._store.groups.put_group(body.address, body.display_name, body.members)

    def advance_clock(self, body: ClockBody) -> None:
        """Deliver what has become due, too."""
        self._clock.advance(body.advance_s)
        self._store.outbox.deliver_due()

    async def notify_lifecycle(self, body: LifecycleBody, notifier: Notifier) -> None:
        for subscription in self._store.subscriptions.all_subscriptions():
            if subscription.id == body.subscription:
                await notifier.notify_lifecycle(subscription, body.event)
                return
        raise HTTPException(400, "subscription: there is no such subscription")

    def _mailbox(self, name: str, field: str) -> Mailbox:
        found = self._store.find_mailbox(name) or self._store.mailbox_by_address(name)
        if found is None:
            raise HTTPException(400, f"{field}: there is no such mailbox")
        return found
