"""Which addresses may carry secrets: https anywhere, plain http on this machine only."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from outlook_mcp.errors import ConfigurationError

# By scheme; a URL need not name it.
DEFAULT_PORTS = {"https": 443, "http": 80}
_NEVER_IN_A_URL = frozenset("\"'`<>\\^{|}")
# What translates between the two versions of IP writes an IPv4 address into the last 32 bits (RFC 6052).
_TRANSLATED = IPv6Network("64:ff9b::/96")


def is_loopback(host: str) -> bool:
    """True for `localhost` and the loopback addresses of both IP versions.

    >>> [is_loopback(host) for host in ("localhost", "127.0.0.2", "::1", "192.0.2.1", "localhost.example")]
    [True, True, True, False, False]
    """
    try:
        return plain_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def means_this_computer(host: str) -> bool:
    """True for every host that leads to the computer that opens it, for a warning: wider than what may be trusted.

    Besides loopback these are the unspecified addresses, and the names below `localhost` (RFC 6761, 6.3).

    >>> [means_this_computer(host) for host in ("::ffff:127.0.0.1", "0.0.0.0", "localhost.", "app.localhost")]
    [True, True, True, True]
    >>> [means_this_computer(host) for host in ("192.0.2.1", "localhost.example", "mylocalhost")]
    [False, False, False]
    """
    try:
        address = plain_address(host)
    except ValueError:
        return host.lower().rstrip(".").rpartition(".")[2] == "localhost"
    return address.is_loopback or address.is_unspecified


def plain_address(text: str) -> IPv4Address | IPv6Address:
    """The address, of IPv4 also where it is written as one of IPv6. Raises ValueError.

    >>> [str(plain_address(text)) for text in ("::ffff:192.0.2.7", "64:ff9b::c000:207", "2001:db8::1")]
    ['192.0.2.7', '192.0.2.7', '2001:db8::1']
    """
    address = ip_address(text)
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address


def is_link_local(host: str) -> bool:
    """True for the addresses of the network segment alone, 169.254.0.0/16 and fe80::/10, with or without a zone.

    >>> [is_link_local(host) for host in ("169.254.169.254", "fe80::1", "10.0.0.1", "graph.microsoft.com")]
    [True, True, False, False]
    """
    try:
        return ip_address(host).is_link_local
    except ValueError:
        return False


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port, the port None when it is the scheme's own.

    >>> origin("https://Mail.Example.com:443/account")
    ('https', 'mail.example.com', None)
    >>> origin("http://127.0.0.1:8080")
    ('http', '127.0.0.1', 8080)
    """
    parts = urlsplit(url)
    own = DEFAULT_PORTS.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), None if parts.port == own else parts.port


def is_protected(url: str) -> bool:
    """True for https, and for http on this machine: nobody else can read what is sent to `url`.

    >>> [is_protected(url) for url in ("https://mail.example.com", "http://127.0.0.1:8080", "http://mail.example.com")]
    [True, True, False]
    >>> is_protected("https://alice:secret@mail.example.com")
    False
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def has_only_url_characters(url: str) -> bool:
    """True when every character is printable ASCII, and none can end an attribute, a header or a command's argument.

    >>> has_only_url_characters("https://mail.example.com/callback?x=1")
    True
    >>> has_only_url_characters('https://mail.example.com/" onclick=')
    False
    """
    return all("!" <= letter <= "~" and letter not in _NEVER_IN_A_URL for letter in url)


def require_protected(url: str, what: str) -> str:
    """`url`, or a ConfigurationError that names `what` the address is for."""
    if is_protected(url):
        return url
    raise ConfigurationError(f"{what}: expected an https:// address, or http:// on this machine.")
