"""Each sender is asked about once, and a message after one that was read is not the first."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from outlook_mcp.mail.first_contacts import FirstContacts
from outlook_mcp.mail.models import Message
from tests.mail.shown import message, person


class Mailbox:
    """A graph client and the correspondents: it knows mail of Erin from before July 2026, and nobody else's."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.me = SimpleNamespace(messages=None)

    def request(self, _: object, *, query: dict[str, Any]) -> str:
        return str(query["$filter"])

    async def answers_to(self, requests: list[str]) -> list[Any]:
        self.asked += requests
        return [
            SimpleNamespace(
                is_success=True,
                decode=lambda _, known="erin@" in request: SimpleNamespace(value=["older"] if known else []),
            )
            for request in requests
        ]

    async def has_written_to(self, address: str) -> bool:
        return False


def received(name: str, day: int, number: int) -> Message:
    when = datetime(2026, 7, day, tzinfo=UTC)
    return message(number, from_=person(name, f"{name.lower()}@fabrikam.example"), received_date_time=when)


async def test_a_sender_who_is_known_is_asked_about_once_and_one_who_is_new_stays_new_for_the_first_message() -> None:
    mailbox = Mailbox()
    contacts = FirstContacts(mailbox, mailbox, "adele@contoso.com")  # type: ignore[arg-type]
    erin, later = received("Erin", 3, 1), received("Erin", 5, 2)
    new, next_one = received("Nina", 3, 3), received("Nina", 4, 4)
    assert await contacts.first_of_sender([erin, new]) == {new.id}
    assert len(mailbox.asked) == 2
    assert await contacts.first_of_sender([later, next_one]) == frozenset()
    assert await contacts.first_of_sender([new]) == {new.id}
    assert len(mailbox.asked) == 2
    older = received("Nina", 1, 5)
    assert await contacts.first_of_sender([older]) == {older.id}
    assert await contacts.first_of_sender([new]) == frozenset()
    assert len(mailbox.asked) == 3
