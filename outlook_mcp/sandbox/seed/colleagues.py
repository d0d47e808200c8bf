"""The little mail of users who are there to be many."""

from __future__ import annotations

from collections.abc import Iterable

from outlook_mcp.sandbox.directory import USERS, User
from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.seed.letter import UNREAD, Letter, ago
from outlook_mcp.sandbox.seed.people import FACILITIES, IT_DESK


def letters(users: Iterable[User]) -> list[Letter]:
    """Two for each user beyond the ones that are always there."""
    people = [Address(user.upn, user.display_name) for user in users if user not in USERS]
    return [letter for person in people for letter in (_welcome(person), _badge(person))]


def _welcome(person: Address) -> Letter:
    return Letter(
        f"welcome-{person.address}", IT_DESK, (person,), f"Welcome, {person.name}",
        f"Hello {person.name},\n\nyour mailbox is ready. Write to this address when something does not work."
        "\n\nContoso IT Desk",
        ago(days=6),
    )  # fmt: skip


def _badge(person: Address) -> Letter:
    return Letter(
        f"badge-{person.address}", FACILITIES, (person,), "Your badge is at the front desk",
        f"Hello {person.name},\n\nplease pick up your badge between nine and five.\n\nFacilities",
        ago(days=2), places={person.address: UNREAD},
    )  # fmt: skip
