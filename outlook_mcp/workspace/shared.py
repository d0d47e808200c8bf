"""What a mailbox shares with the other servers that use the same vault."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretBytes

from outlook_mcp.identity.shared_store import KeptValues, Marks, SharedCounter, UserTicketStore
from outlook_mcp.mail.lazy import SendQueue
from outlook_mcp.net.clock import UnixClock, unix_time


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedByServers:
    """Each server continues the lists of the others and accepts their checks; no draft is sent by two of them.

    `cursor_key` is for the cursors of lists, `check_key` for the checks of drafts, `marks` for the drafts being sent,
    `kept` for uploads that were begun, `counter` for how much a user has sent, `selections` for the messages that a
    change was shown for and for the cursors of changes, `queue` for messages that wait to be sent; without one Exchange
    holds them. `clock` is that by which they expire.
    """

    cursor_key: SecretBytes
    check_key: SecretBytes
    marks: Marks
    kept: KeptValues
    counter: SharedCounter
    selections: UserTicketStore
    queue: SendQueue | None = None
    clock: UnixClock = unix_time
