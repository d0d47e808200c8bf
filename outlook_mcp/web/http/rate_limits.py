"""Rate limits per network address, counted in the store for all servers that share it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, ip_network

from outlook_mcp.identity.shared_store import SharedCounter
from outlook_mcp.net.addresses import plain_address
from outlook_mcp.telemetry.events import tell_of_refusal

WINDOW_S = 60.0


class LimitExceeded(Exception):
    """Too many requests of one kind; after `retry_after_s` seconds it may be tried again."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """Requests a minute from one address, which a whole company or all users of a hosted client may share."""

    authorize: int = 300
    pages: int = 600
    token: int = 1200


class AddressLimit:
    """At most `most` requests a minute from one address, for the kind of request called `name`."""

    def __init__(self, counter: SharedCounter, name: str, most: int) -> None:
        self._counter = counter
        self._name = name
        self._most = most

    async def is_over(self, address: str) -> bool:
        """Counts this request; True when it exceeds the limit."""
        return await is_over_limit(self._counter, self._name, address, self._most, window_s=WINDOW_S)


async def is_over_limit(counter: SharedCounter, name: str, address: str, most: int, *, window_s: float) -> bool:
    """Counts one event from `address`; True when its network exceeds `most` in the window.

    A narrow network that is over its limit no longer counts for the wide one, whose other users go on.
    """
    for network, share in networks_of(address):
        if await counter.increment_counter(f"{name} from {network}", window_s=window_s) > most * share:
            tell_of_refusal(f"limit:{name}:exceeded")
            return True
    return False


def networks_of(address: str) -> tuple[tuple[str, int], ...]:
    """The networks that `address` counts for, each with how many times the limit of one address it has.

    A line at home has an IPv6 network of up to /56, and a rented server can have a /48: who has one can use every
    address in it.

    >>> networks_of("192.0.2.7")
    (('192.0.2.7', 1),)
    >>> networks_of("2001:db8:1:234::1")
    (('2001:db8:1:200::/56', 1), ('2001:db8:1::/48', 4))
    """
    try:
        parsed = plain_address(address)
    except ValueError:
        return (("", 1),)
    if isinstance(parsed, IPv4Address):
        return ((str(parsed), 1),)
    return tuple((str(ip_network((parsed, length), strict=False)), share) for length, share in ((56, 1), (48, 4)))
