"""Short forms of ids of another layout, as of personal accounts: what stands behind a start that many share.

Such ids of messages, events and contacts have 100 to 160 letters, and those of one folder differ in the last twelve.
Which starts a mailbox has is learned from lists of them. A short form names its start by a digest, so it means the same
wherever the start is known.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

# The letters that are shown; the item's counter is in the last twelve.
_REST = 16
_SHORTEST = 60
MOST_STARTS = 24
MARK = "~"


def learned_starts(ids: Iterable[str], known: Sequence[str] = ()) -> tuple[str, ...]:
    """The `known` starts, and those that at least two of the ids share, the most frequent first.

    >>> ids = ["A" * 60 + "ASoXUT3AAA=", "A" * 60 + "ASoXUT4AAA=", "B" * 71]
    >>> [len(start) for start in learned_starts(ids)]
    [55]
    """
    counts = Counter(item_id[:-_REST] for item_id in ids if len(item_id) >= _SHORTEST)
    starts = dict.fromkeys([*known, *(start for start, count in counts.most_common() if count > 1)])
    by_tag = {_tag(start): start for start in reversed(starts)}
    return tuple(start for start in starts if by_tag[_tag(start)] == start)[:MOST_STARTS]


def starts_by_tag(starts: Iterable[str]) -> Mapping[str, str]:
    """For `short_form` and `full_form`."""
    return {_tag(start): start for start in starts}


def short_form(item_id: str, starts: Mapping[str, str]) -> str:
    """The short form of an id with a known start, any other id unchanged.

    >>> starts = starts_by_tag(["A" * 55])
    >>> short_form("A" * 60 + "ASoXUT3AAA=", starts)
    'rfr4~AAAAAASoXUT3AAA='
    >>> full_form(short_form("A" * 60 + "ASoXUT3AAA=", starts), starts) == "A" * 60 + "ASoXUT3AAA="
    True
    """
    start, rest = item_id[:-_REST], item_id[-_REST:]
    tag = _tag(start) if len(item_id) >= _SHORTEST else ""
    return f"{tag}{MARK}{rest}" if starts.get(tag) == start else item_id


def full_form(short: str, starts: Mapping[str, str]) -> str | None:
    """The id of a short form; None where its start is not known."""
    tag, _, rest = short.partition(MARK)
    start = starts.get(tag)
    return None if start is None or len(rest) != _REST else start + rest


def _tag(start: str) -> str:
    return base64.b32encode(hashlib.sha256(start.encode()).digest()[:3]).decode("ascii")[:4].lower()
