"""Two messages for each of the additional users that `--colleagues` asks for."""

from __future__ import annotations

from collections.abc import Iterable

from outlook_mcp.sandbox.directory import USERS, User
from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.seed.people import FACILITIES, IT_DESK
from outlook_mcp.sandbox.seed.seed_message import UNREAD, SeedMessage, ago


def messages(users: Iterable[User]) -> list[SeedMessage]:
    """Two for each user that is not one of the demo users."""
    people = [Address(user.upn, user.display_name) for user in users if user not in USERS]
    return [message for person in people for message in (_welcome(person), _badge(person))]


def _welcome(person: Address) -> SeedMessage:
    return SeedMessage(
        f"welcome-{person.address}", IT_DESK, (person,), f"Welcome, {person.name}",
        f"Hello {person.name},\n\nyour mailbox is ready. Write to this address when something does not work."
        "\n\nContoso IT Desk",
        ago(days=6),
    )  # fmt: skip


def _badge(person: Address) -> SeedMessage:
    return SeedMessage(
        f"badge-{person.address}", FACILITIES, (person,), "Your badge is at the front desk",
        f"Hello {person.name},\n\nplease pick up your badge between nine and five.\n\nFacilities",
        ago(days=2), copies={person.address: UNREAD},
    )  # fmt: skip
