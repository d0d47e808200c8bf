"""Limits of what mail does, which tests make smaller."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """`most_scanned` is how many messages one call looks at, in a search without the index, before it gives up for now.

    `most_search_results` is how many messages an indexed search gives in all
    (https://learn.microsoft.com/graph/search-query-parameter).

    Where all messages that match are to be changed, `most_scanned_for_changes` are looked at. Such a change begins no
    further batch of 20 after `change_s` seconds.

    After a send whose answer was lost, the mailbox is looked at every `poll_s` seconds, for `settle_s` seconds at most.
    For `send_claim_s` seconds after a draft was handed to Exchange no other call sends it: the message leaves the
    drafts some time later, and a request without an answer may still be carried out.

    Exchange has `tips_s` seconds to tell what it knows of the recipients of a draft.

    Emptying a folder moves `most_emptied` messages in one call.

    One user may send `sends_per_hour` messages, to `recipients_per_hour` recipients in all. Files of this machine are
    attached only from below `file_folders`, each an absolute path.
    """

    most_scanned: int = 1000
    most_search_results: int = 1000
    most_scanned_for_changes: int = 20_000
    change_s: float = 240.0
    settle_s: float = 20.0
    poll_s: float = 1.0
    send_claim_s: float = 120.0
    tips_s: float = 2.5
    most_emptied: int = 1000
    sends_per_hour: int = 100
    recipients_per_hour: int = 500
    file_folders: tuple[Path, ...] = ()
