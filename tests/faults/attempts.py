"""One try of a change, and the messages it is made on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.store.core.errors import ItemNotFound
from outlook_mcp.sandbox.store.mail.rows import StoredMessage
from tests.faults.office import Office
from tests.faults.plans import Target

BATCH = "/v1.0/$batch"
numbers = count(1)
Parts = Mapping[str, Callable[[], bool]]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One call; each of its `parts` is a change and tells whether it was made by now.

    A send is made with what its user agreed to, unless it is not `agreed`. One that `is_confirmed` is made with the
    code that the same call shows first. `shown_by` are the arguments of event_save that prepare what is sent.
    """

    tool: str
    arguments: Mapping[str, Any]
    parts: Parts
    subject: str = ""
    agreed: bool = True
    is_confirmed: bool = False
    shown_by: Mapping[str, Any] | None = None


Prepare = Callable[[Office], Attempt]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """`seen` is what a look showed where it cannot settle what was done. `is_read`: it changes nothing.
    `names_failed_alone`: an answer names the messages that were not changed, and of the others their number.

    `says_after_429` is what an answer contains that tells of a 429.
    """

    prepare: Prepare
    target: Target
    about_many: bool = False
    names_failed_alone: bool = False
    seen: str = ""
    says_after_429: str = ""
    is_read: bool = False


def single(method: str, route: str) -> Target:
    return Target(method=method, inner=route)


def batched(method: str, route: str, *, skipped: int = 0) -> Target:
    return Target(method=method, inner=route, outer=BATCH, skipped=skipped)


@dataclass(frozen=True)
class Prepared:
    """Messages of Alice; their state is read anew each time."""

    office: Office
    stored: list[StoredMessage] = field(default_factory=list)

    @property
    def handles(self) -> list[str]:
        return [str(message.row["counter"]) for message in self.stored]

    def parts(self, holds: Callable[[StoredMessage | None], bool]) -> Parts:
        return {
            handle: lambda message=message: holds(now(self.office, message))  # type: ignore[misc]
            for handle, message in zip(self.handles, self.stored, strict=True)
        }


def now(office: Office, message: StoredMessage) -> StoredMessage | None:
    """The message as it is, None when it was erased."""
    try:
        return office.alice.messages.by_key(message.key)
    except ItemNotFound:
        return None


def messages(office: Office, number: int) -> Prepared:
    # A colleague: of others it is told whether anything of theirs is older, by the second.
    sender = Address("grace@contoso.example", "Grace Green")
    subject = f"Message {next(numbers)}"
    return Prepared(
        office,
        [office.alice.insert_message(Message(subject=subject, from_=sender, sender=sender)) for _ in range(number)],
    )


def draft(office: Office, subject: str = "Draft") -> StoredMessage:
    message = Message(
        subject=subject, body="<p>Hello</p>", body_type="html", to=[Address(office.bobs_address, "Bob")], is_draft=True
    )
    return office.alice.insert_message(message, "drafts")


def handle_of(message: StoredMessage) -> str:
    return str(message.row["counter"])


def is_in(office: Office, name: str) -> Callable[[StoredMessage | None], bool]:
    folder = office.alice.ensure_folder(name)
    return lambda message: message is not None and message.folder_id == folder.id


def state_of(office: Office, message: StoredMessage) -> StoredMessage:
    return office.alice.messages.by_key(message.key)
