"""What a caller may ask of a search. Light, since the list of tools needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from outlook_mcp.graph.ids import Handle

Where = Literal["attachments"]
# Texts that mean those of all messages.
EVERYTHING = frozenset({"", "*", "*.*", "*:*"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MailQuery:
    """What a caller may ask for; every field narrows the search. `before` excludes that moment itself.

    `within` is where the words of `text` are looked for, if not everywhere. `has_file` is a part of a file's name, or
    with `*` and `?` the whole of it. `thread_of` is a message of the conversation. `oldest_first` orders what is found.
    """

    text: str | None = None
    sender: str | None = None
    to: str | None = None
    subject: str | None = None
    folder: str | None = None
    after: str | None = None
    before: str | None = None
    unread: bool | None = None
    flagged: bool | None = None
    attachments: bool | None = None
    category: str | None = None
    limit: int = 25
    within: Where | None = None
    has_file: str | None = None
    thread_of: Handle | None = None
    oldest_first: bool = False
