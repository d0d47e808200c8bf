"""Subscriptions to changes of messages, and what has happened since each was last told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from outlook_mcp.sandbox.store.core import ids
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox
from outlook_mcp.sandbox.store.mail.mailboxes import Mailboxes

_SUBSCRIPTIONS = "subscription"
ChangeType = Literal["created", "updated", "deleted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """`owner` is the object id of its user, `mailbox` that of the mailbox it is about, `folder` an id or None for all.

    `expires` is an aware time; `position` is the number of the newest change that notifications were made of. With
    `immutable` notifications name immutable ids.
    """

    id: str
    owner: str
    app: str
    mailbox: str
    folder: str | None
    resource: str
    change_types: tuple[str, ...]
    notification_url: str
    lifecycle_url: str | None
    client_state: str | None
    immutable: bool
    expires: datetime
    position: int


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """One change of one message; `etag` is None for a message that is gone."""

    change_type: ChangeType
    id: str
    etag: str | None


class Subscriptions:
    """Kept with the mailbox of their user, so that they end with it; `when_put` is called after each change of one."""

    when_put: Callable[[], None] | None = None

    def __init__(self, database: Database, mailboxes: Mailboxes) -> None:
        self._database, self._mailboxes = database, mailboxes

    def all_subscriptions(self) -> list[Subscription]:
        owners = self._database.rows(
            "SELECT DISTINCT b.oid FROM record r JOIN mailbox b ON b.id = r.mailbox WHERE r.kind = ?", (_SUBSCRIPTIONS,)
        )
        return [found for row in owners for found in self.of_user(row["oid"])]

    def of_user(self, oid: str) -> list[Subscription]:
        records = self._mailboxes.mailbox(oid).records(_SUBSCRIPTIONS).all_records()
        return [_loaded(identifier, record) for identifier, record in records.items()]

    def put_subscription(self, subscription: Subscription) -> None:
        """Add it, or replace the one with its id."""
        record = {name: getattr(subscription, name) for name in Subscription.__slots__ if name != "id"}
        record["expires"] = subscription.expires.isoformat()
        self._mailboxes.mailbox(subscription.owner).records(_SUBSCRIPTIONS).put_record(subscription.id, record)
        if self.when_put is not None:
            self.when_put()

    def remove_subscription(self, subscription: Subscription) -> None:
        self._mailboxes.mailbox(subscription.owner).records(_SUBSCRIPTIONS).remove_record(subscription.id)

    def change_events(self, subscription: Subscription) -> tuple[list[ChangeEvent], int]:
        """What the subscription has to be told, and the number of the newest change of the mailbox."""
        mailbox = self._mailboxes.mailbox(subscription.mailbox)
        newest = mailbox.changes.position()
        if newest == subscription.position:
            return [], newest
        folder = mailbox.folders.by_id(subscription.folder).key if subscription.folder else None
        place, parameters = ("m.folder = ?", [folder]) if folder is not None else ("1", [])
        found = [*_changed(mailbox, subscription, place, parameters), *_removed(mailbox, subscription, folder)]
        return [event for event in found if event.change_type in subscription.change_types], newest


def _changed(mailbox: Mailbox, subscription: Subscription, place: str, parameters: Sequence[Any]) -> list[ChangeEvent]:
    """A message that came and was changed since is told twice."""
    stored = mailbox.messages.select(f"{place} AND m.change > ?", (*parameters, subscription.position), "m.change", -1)
    added = mailbox.changes.additions([message.key for message in stored])
    found = []
    for message in stored:
        identifier = message.immutable_id if subscription.immutable else message.id
        tag, came = f'W/"{message.change_key}"', added.get(message.key, 0)
        if came > subscription.position:
            found.append(ChangeEvent("created", identifier, tag))
        if message.row["change"] > came:
            found.append(ChangeEvent("updated", identifier, tag))
    return found


def _removed(mailbox: Mailbox, subscription: Subscription, folder: int | None) -> list[ChangeEvent]:
    guid = mailbox.account.guid
    return [
        ChangeEvent(
            "deleted",
            ids.immutable_id(guid, row["counter"])
            if subscription.immutable
            else ids.item_id(guid, row["folder_counter"], row["entry"]),
            None,
        )
        for row in mailbox.changes.removals_after(subscription.position, folder)
    ]


def _loaded(identifier: str, record: Mapping[str, Any]) -> Subscription:
    expires, kinds = datetime.fromisoformat(record["expires"]), tuple(record["change_types"])
    return Subscription(**{**record, "id": identifier, "expires": expires, "change_types": kinds})
