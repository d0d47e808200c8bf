"""The wire-to-model boundary that all areas share: people, bodies, pages of a collection."""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from outlook_mcp.identity.time_zone import known_time_zone, resolve_time_zone

T = TypeVar("T")


class WireModel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is read from Graph, whose names are in camel case."""


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a collection; while `next_link` is there, more follows, however short the page."""

    value: list[T]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)


class Address(WireModel, frozen=True, kw_only=True):
    """An `emailAddress` of Graph: a display name as the sender chose it, and an address, usually of SMTP."""

    name: str | None = None
    address: str | None = None


class Recipient(WireModel, frozen=True, kw_only=True):
    """A `recipient` of Graph, for senders too."""

    email_address: Address = Address()


class Body(WireModel, frozen=True, kw_only=True):
    """`content_type` is `html` or `text`."""

    content_type: str = "html"
    content: str | None = None


class ZonedTime(WireModel, frozen=True, kw_only=True):
    """Graph's dateTimeTimeZone: a local time with up to seven digits of a second, and the name of its zone."""

    date_time: str
    time_zone: str | None = None

    @property
    def unknown_zone(self) -> str:
        """The name of its zone when that is not known, such as a customised one; then `moment` has no true offset."""
        name = self.time_zone or "UTC"
        return "" if known_time_zone(name) else name

    @property
    def moment(self) -> datetime | None:
        """None for a time that cannot be read; in UTC where the zone is not known."""
        try:
            found = datetime.fromisoformat(self.date_time[:19])
        except ValueError:
            return None
        return found.replace(tzinfo=resolve_time_zone(self.time_zone or "UTC"))


class Item(WireModel, frozen=True, kw_only=True):
    """Anything of which only the id matters."""

    id: str
