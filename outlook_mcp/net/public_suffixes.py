"""Which part of a host name its owner has registered, by the Public Suffix List, a copy of which is in this package.

The list changes a few times a week, by names that are seldom met. It is asked for what a page stresses, never for what
is allowed. No library is used: those that are kept up either fetch the list or bring more code than the rules need.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

FILE = "public_suffixes.txt"


def registrable_domain(host: str) -> str | None:
    """The public suffix of `host` and one label more; None for a suffix itself, a name without a dot and an IP address.

    `host` is in ASCII, as it is sent.

    >>> registrable_domain("accounts.shop.example.co.uk")
    'example.co.uk'
    >>> registrable_domain("claude.ai.evil.github.io")
    'evil.github.io'
    >>> [registrable_domain(host) for host in ("co.uk", "localhost", "192.0.2.7", "[::1]")]
    [None, None, None, None]
    """
    labels = host.lower().rstrip(".").split(".")
    if labels[-1].isdigit() or ":" in host or "" in labels:
        return None
    suffix = _suffix_labels(labels)
    return ".".join(labels[-suffix - 1 :]) if suffix < len(labels) else None


def _suffix_labels(labels: list[str]) -> int:
    """How many labels of the name are its public suffix (https://github.com/publicsuffix/list/wiki/Format)."""
    rules = _rules()
    for start in range(len(labels)):
        rest = labels[start + 1 :]
        if f"!{'.'.join(labels[start:])}" in rules:
            return len(rest)
        if ".".join(labels[start:]) in rules or (rest and f"*.{'.'.join(rest)}" in rules):
            return len(labels) - start
    return 1


@cache
def _rules() -> frozenset[str]:
    text = files(__package__).joinpath(FILE).read_text(encoding="ascii")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("//"))
