"""How often one network address may ask for what is written down, counted for all servers that share the store."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Protocol

WINDOW_S = 60.0


class Counter(Protocol):
    """Counts events by name, anew in every window."""

    async def count(self, name: str, *, window_s: float) -> int: ...


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Requests a minute. A whole company, or all users of a hosted client, may come from one address."""

    authorize: int = 300
    pages: int = 600
    token: int = 1200


class AddressLimit:
    """At most `most` requests a minute from an address, for one kind of request."""

    def __init__(self, counter: Counter, name: str, most: int) -> None:
        self._counter = counter
        self._name = name
        self._most = most

    async def is_over(self, address: str) -> bool:
        """Counts this request, and tells whether it is one too many."""
        return await self._counter.count(f"{self._name} from {network_of(address)}", window_s=WINDOW_S) > self._most


def network_of(address: str) -> str:
    """The address; of IPv6 the network of 64 bits, all of which one machine can use."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
