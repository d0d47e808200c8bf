"""Sends: at once, at a time, and taken back before it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.faults.attempts import Attempt, draft, handle_of, is_in, numbers, state_of
from tests.faults.office import Office


def sending(office: Office) -> Attempt:
    subject = f"Sent {next(numbers)}"
    stored = draft(office, subject)

    def is_sent() -> bool:
        return bool(office.bob.messages.total("m.subject = ?", (subject,)))

    return Attempt(tool="mail_send", arguments={"draft": handle_of(stored)}, parts={"sent": is_sent}, subject=subject)


def sending_later(office: Office) -> Attempt:
    subject = f"Later {next(numbers)}"
    stored = draft(office, subject)
    arguments = {"draft": handle_of(stored), "at": "2h"}
    return Attempt(
        tool="mail_send",
        arguments=arguments,
        parts={"sent": lambda: not state_of(office, stored).is_draft},
        subject=subject,
    )


def taking_back(office: Office) -> Attempt:
    """A message that Exchange holds for an hour."""
    stored = draft(office, f"Held {next(numbers)}")
    moment = datetime.now(UTC) + timedelta(hours=1)
    office.alice.messages.set_extended(stored, {"SystemTime 0x3FEF": moment.isoformat()})
    office.sandbox.store.outbox.submit(office.alice, stored, not_before=moment)
    deleted = is_in(office, "deleteditems")
    return Attempt(
        tool="mail_send",
        arguments={"draft": handle_of(stored), "at": "cancel"},
        parts={"sent": lambda: deleted(state_of(office, stored))},
        agreed=False,
    )
