"""Rate limits per network address, counted in the store for all servers that share it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Protocol

WINDOW_S = 60.0


class Counter(Protocol):
    """Counts events by name; the count starts again with every window of `window_s` seconds."""

    async def increment_counter(self, name: str, *, window_s: float) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """Requests a minute from one address, which a whole company or all users of a hosted client may share."""

    authorize: int = 300
    pages: int = 600
    token: int = 1200


class AddressLimit:
    """At most `most` requests a minute from one address, for the kind of request called `name`."""

    def __init__(self, counter: Counter, name: str, most: int) -> None:
        self._counter = counter
        self._name = name
        self._most = most

    async def is_over(self, address: str) -> bool:
        """Counts this request; True when it exceeds the limit."""
        return (
            await self._counter.increment_counter(f"{self._name} from {network_of(address)}", window_s=WINDOW_S)
            > self._most
        )


def network_of(address: str) -> str:
    """The address itself; of IPv6 its /64 network, because one machine can use every address in it.

    >>> network_of("2001:db8::1")
    '2001:db8::/64'
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
