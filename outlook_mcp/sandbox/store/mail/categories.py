"""The categories that the user of a mailbox has named and coloured."""

from __future__ import annotations

from uuid import UUID, uuid5

from outlook_mcp.sandbox.store.mail.mailbox import Mailbox

_CATEGORIES = "category"
_NAMESPACE = UUID("0b1e8a52-7d3c-4f0f-9a4e-6c1d2e3f4a5b")
_DEFAULTS = {
    "Red category": "preset0",
    "Orange category": "preset1",
    "Yellow category": "preset3",
    "Green category": "preset4",
    "Blue category": "preset7",
    "Purple category": "preset8",
}
Category = dict[str, str]


def categories_of(mailbox: Mailbox) -> dict[str, Category]:
    """By id. A mailbox starts with six categories, which are written down with the first change."""
    kept = mailbox.records(_CATEGORIES).all_records()
    if kept:
        # The record without an id only tells that the others are all there are.
        return {identifier: category for identifier, category in kept.items() if identifier}
    return {
        f"{number:08d}-0000-4000-8000-000000000000": {"displayName": name, "color": colour}
        for number, (name, colour) in enumerate(_DEFAULTS.items(), 1)
    }


def put_category(mailbox: Mailbox, identifier: str, category: Category) -> None:
    _write_defaults(mailbox)
    mailbox.records(_CATEGORIES).put_record(identifier, category)


def remove_category(mailbox: Mailbox, identifier: str) -> None:
    """Messages keep the name of the category. Raises ItemNotFound."""
    _write_defaults(mailbox)
    mailbox.records(_CATEGORIES).remove_record(identifier)


def new_category_id(mailbox: Mailbox) -> str:
    return str(uuid5(_NAMESPACE, f"{mailbox.account.oid}/{mailbox.counters.next_item()}"))


def _write_defaults(mailbox: Mailbox) -> None:
    records = mailbox.records(_CATEGORIES)
    if records.find_record("") is None:
        for known, category in categories_of(mailbox).items():
            records.put_record(known, category)
        records.put_record("", {})
