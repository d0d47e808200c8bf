"""The wire-to-model boundary that all areas share: people, bodies, pages of a collection."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

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


class Item(WireModel, frozen=True, kw_only=True):
    """Anything of which only the id matters."""

    id: str
