"""Messages that wait for a time before they are sent: held by this server, or by Exchange."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from outlook_mcp.graph.ids import MessageId
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.models import Message

# How long a message can be held for its user to take it back, in seconds.
LONGEST_UNDO_S = 3600
TAKE_BACK = "cancel"


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message that this server sends at `due`, unless it is taken back."""

    message: Message
    due: datetime


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Nothing goes out. `in_deleted`: Exchange held it, and it is in Deleted Items now; else it is the draft it was."""

    message_id: MessageId
    in_deleted: bool


class SendQueue(Protocol):
    """Holds drafts of one user for all servers that share the vault, and sends each once when it is due."""

    async def hold_draft(
        self,
        user: UserKey,
        connection: ConnectionId | None,
        *,
        session: str,
        draft: MessageId,
        check: str,
        due: datetime,
    ) -> bool:
        """False when it is held already."""

    async def state_of(self, user: UserKey, draft: MessageId) -> Literal["none", "waiting", "under way", "stopped"]:
        """Whether the draft is held; `stopped`: it was, and was not sent."""

    async def reason_of(self, user: UserKey, draft: MessageId) -> str:
        """Why it was stopped."""

    async def take_back(self, user: UserKey, draft: MessageId) -> bool:
        """True when it was waiting, and waits no more; False when it is under way, or is not held."""
