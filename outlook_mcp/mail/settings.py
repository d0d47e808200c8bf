"""Limits of what mail does, which tests make smaller."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailSettings:
    """`most_scanned` is how many messages one search looks at before it gives up for now.

    After a send whose answer was lost, the mailbox is looked at every `poll_s` seconds, for `settle_s` seconds at most.
    """

    most_scanned: int = 1000
    settle_s: float = 20.0
    poll_s: float = 1.0
