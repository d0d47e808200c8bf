"""Whose mailbox it is, and which others the user connected."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from outlook_mcp.answers.people import full_name
from outlook_mcp.text.characters import one_line

SHARED_HINT = "A mailbox that somebody shares with the user is opened by its address as `account`."
_LONGEST_NAME = 80
_CALL = re.compile(r"\b(?:\w+_\w+|settings|rules|unsubscribe)\(\w+=")
_MOST_SHOWN = 20


class ConnectedMailbox(NamedTuple):
    """`name` is what its user calls it in the `account` argument of the tools, or the name of its owner."""

    name: str
    address: str
    is_default: bool = False


class AboutMailbox(NamedTuple):
    """Whose mailbox it is, in which zone its times are, and which others its user connected or may open."""

    owner: ConnectedMailbox
    zone: str
    others: Sequence[ConnectedMailbox] = ()
    may_open_shared: bool = False


def about_text(about: AboutMailbox) -> str:
    """One line: whose mailbox this is, and which others its user connected or may open."""
    line = mailbox_line(about.owner, about.zone, about.others)
    return f"{line} {SHARED_HINT}" if about.may_open_shared else line


def mailbox_line(owner: ConnectedMailbox, zone: str, others: Sequence[ConnectedMailbox]) -> str:
    """One line on the mailbox that answered, and the others of its user.

    >>> work = ConnectedMailbox("work", "alice@contoso.example", is_default=True)
    >>> alice = ConnectedMailbox("Alice", "alice@fabrikam.example")
    >>> print(mailbox_line(alice, "Europe/Berlin", [work]).replace(". ", ".\\n"))
    Mailbox of Alice <alice@fabrikam.example>; times in Europe/Berlin.
    Also connected, to be named as `account`: work <alice@contoso.example> (default).
    """
    own = f"Mailbox of {full_name(owner)}; times in {one_line(zone, _LONGEST_NAME)}."
    if not others:
        return f"{own} No other mailbox is connected."
    shown = [full_name(mailbox) + (" (default)" if mailbox.is_default else "") for mailbox in others[:_MOST_SHOWN]]
    return f"{own} Also connected, to be named as `account`: {', '.join(shown)}."


def account_hint(account: str | None, texts: Sequence[str]) -> str:
    """What a reader has to add to the calls that the texts name, where the mailbox was named; "" where they name none.

    >>> account_hint("team@contoso.example", ['Once the user agrees: mail_send(draft="5").'])
    'Calls named here need account="team@contoso.example" too.'
    """
    if not account or not any(_CALL.search(text) for text in texts):
        return ""
    return f"Calls named here need account={json.dumps(one_line(account, _LONGEST_NAME), ensure_ascii=False)} too."


def shared_mailbox_line(owner: ConnectedMailbox, opened_by: str) -> str:
    """The first line of every answer about a mailbox that somebody else shares with the user at `opened_by`.

    >>> shared_mailbox_line(ConnectedMailbox("Team", "team@contoso.example"), "alice@contoso.example")
    'Shared mailbox of Team <team@contoso.example>, opened with the rights of alice@contoso.example.'
    """
    return f"Shared mailbox of {full_name(owner)}, opened with the rights of {one_line(opened_by, _LONGEST_NAME)}."
