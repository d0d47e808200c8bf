"""A small believable office mailbox for every demo user."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from outlook_mcp.sandbox.directory import User
from outlook_mcp.sandbox.seed import abroad, bulletins, colleagues, contoso, fabrikam, freemail, hostile, projects
from outlook_mcp.sandbox.seed.letter import Letter
from outlook_mcp.sandbox.seed.mailroom import carry, write
from outlook_mcp.sandbox.store import MailStore

__all__ = ["seed"]


def seed(store: MailStore, users: Iterable[User], *, now: datetime) -> None:
    """Give each user a mailbox, where there is none yet, and its letters; all times count back from `now`."""
    users = tuple(users)
    with store.database.transaction():
        mailboxes = {
            user.upn: store.find(user.oid) or store.add_mailbox(user.tid, user.oid, user.upn, user.display_name)
            for user in users
        }
        for written in write([*_letters(now), *colleagues.letters(users)], now):
            carry(written, mailboxes)


def _letters(now: datetime) -> list[Letter]:
    return [
        *contoso.letters(),
        *projects.letters(now),
        *fabrikam.letters(now),
        *abroad.letters(),
        *bulletins.letters(now),
        *hostile.letters(),
        *freemail.letters(),
    ]
