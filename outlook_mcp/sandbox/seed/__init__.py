"""The demo data: a small, plausible mailbox with a calendar and an address book for every demo user."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from outlook_mcp.sandbox.directory import User
from outlook_mcp.sandbox.seed import abroad, bulletins, colleagues, contoso, fabrikam, freemail, hostile, projects
from outlook_mcp.sandbox.seed.calendars import add_calendars, add_invitation
from outlook_mcp.sandbox.seed.contacts import add_contacts
from outlook_mcp.sandbox.seed.delivery import deliver, render
from outlook_mcp.sandbox.seed.rooms import add_rooms
from outlook_mcp.sandbox.seed.seed_message import SeedMessage
from outlook_mcp.sandbox.store import MailStore

__all__ = ["seed"]


def seed(store: MailStore, users: Iterable[User], *, now: datetime) -> None:
    """Give each user a mailbox, where there is none yet, its messages, events and contacts.

    All messages are older than `now`, and the events lie around it.
    """
    users = tuple(users)
    with store.database.transaction():
        mailboxes = {
            user.upn: store.find_mailbox(user.oid) or store.add_mailbox(user.tid, user.oid, user.upn, user.display_name)
            for user in users
        }
        for rendered in render([*_messages(now), *colleagues.messages(users)], now):
            deliver(rendered, mailboxes)
            if rendered.message.calendar is not None:
                add_invitation(rendered.message, mailboxes)
        for mailbox in mailboxes.values():
            add_contacts(mailbox)
        add_calendars({**mailboxes, **add_rooms(store)}, now)


def _messages(now: datetime) -> list[SeedMessage]:
    return [
        *contoso.messages(),
        *projects.messages(now),
        *fabrikam.messages(now),
        *abroad.messages(),
        *bulletins.messages(now),
        *hostile.messages(),
        *freemail.messages(),
    ]
