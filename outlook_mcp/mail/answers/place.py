"""Where and when a message is, as answers say it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from outlook_mcp.graph.ids import FolderId
from outlook_mcp.mail.models import Message

# `Junk`, `Deleted` and `Sent` by folder id, or the paths of folders; see `MailFolders`.
Places = Mapping[FolderId, str]
NO_PLACES: Places = MappingProxyType({})

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def place_of(message: Message, places: Places) -> str:
    """Such as `Junk`, `Deleted` or `Sent`; empty for a folder that `places` does not name."""
    return places.get(message.parent_folder_id, "") if message.parent_folder_id else ""


def moment_of(message: Message) -> datetime:
    """When it arrived. A broken message without a time gets 1970, so that it still stands in lists."""
    return message.moment or _NO_TIME
