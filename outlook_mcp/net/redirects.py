"""Redirect URIs: https to any host, plain http only to the user's own machine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from pydantic import AnyUrl, ConfigDict, TypeAdapter, ValidationError

from outlook_mcp.net.addresses import has_only_url_characters

MOST_REDIRECTS = 50
LONGEST_REDIRECT = 2000
# Longer ones are made to be misread: pages show a host whole.
LONGEST_HOST = 100
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# A name as DNS has them (RFC 1035, 2.3.4), without the dot at its end that browsers allow, or an address.
_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}|\[[0-9a-f:.]+\]")
# Schemes that a browser handles itself instead of passing the address to a program.
_OPENED_BY_BROWSERS = frozenset(
    {"about", "blob", "data", "file", "ftp", "javascript", "vbscript", "view-source", "ws", "wss"}
)
# What the answer adds (RFC 6749, 4.1.2; RFC 9207): of a parameter that comes twice, a client may take the first.
_ANSWERED = frozenset({"code", "state", "iss", "error", "error_description"})
# Built at its first use, since the configuration imports this module at every start.
_URL = TypeAdapter(AnyUrl, config=ConfigDict(defer_build=True))


class RedirectRefused(ValueError):
    """The message says which rule the redirect URI breaks."""


def accepted_redirects(uris: Iterable[str | AnyUrl]) -> list[AnyUrl]:
    """The redirect URIs of a client that describes itself. Raises RedirectRefused.

    Private-use schemes (`cursor://`) are dropped, because any program may claim one and read another program's code;
    clients that have one have a loopback or https redirect URI too.
    """
    uris = tuple(uris)
    if len(uris) > MOST_REDIRECTS:
        raise RedirectRefused(f"More than {MOST_REDIRECTS} redirect URIs.")
    found = [checked_redirect(uri) for uri in uris]
    usable = [uri for uri in found if uri.scheme in ("https", "http")]
    if not usable:
        raise RedirectRefused("A redirect URI must be https, or http on 127.0.0.1, [::1] or localhost.")
    return usable


def checked_redirect(uri: str | AnyUrl) -> AnyUrl:
    """The redirect URI, normalized as a browser does. Raises RedirectRefused when it breaks a rule."""
    if len(str(uri)) > LONGEST_REDIRECT:
        raise RedirectRefused(f"A redirect URI is longer than {LONGEST_REDIRECT} characters.")
    try:
        parsed = _URL.validate_python(uri)
    except ValidationError:
        raise RedirectRefused("A redirect URI is not a URL.") from None
    if len(parsed.host or "") > LONGEST_HOST:
        raise RedirectRefused(f"A redirect URI has a host of more than {LONGEST_HOST} characters.")
    if parsed.scheme in ("http", "https") and not _HOST.fullmatch(parsed.host or ""):
        raise RedirectRefused("A redirect URI has a host that is no name of DNS and no address.")
    if parsed.fragment is not None:
        raise RedirectRefused("A redirect URI has a fragment.")
    if parsed.username is not None or parsed.password is not None:
        raise RedirectRefused("A redirect URI has a user name or password.")
    query = (parsed.query or "").replace(";", "&")
    if _ANSWERED & {name.lower() for name, _ in parse_qsl(query, keep_blank_values=True)}:
        raise RedirectRefused("A redirect URI has a parameter that the answer sets.")
    if "*" in str(parsed):
        raise RedirectRefused("A redirect URI has a wildcard.")
    if not has_only_url_characters(str(parsed)):
        # Refused at registration, not after a user has allowed the client.
        raise RedirectRefused("A redirect URI has a character that must be percent-encoded.")
    if parsed.scheme in _OPENED_BY_BROWSERS:
        raise RedirectRefused(f"A redirect URI has the scheme {parsed.scheme}.")
    if parsed.scheme == "http" and not is_loopback_redirect(parsed):
        raise RedirectRefused("A redirect URI with plain http must be on 127.0.0.1, [::1] or localhost.")
    return parsed


def is_same_redirect(registered: AnyUrl, requested: AnyUrl) -> bool:
    """True when both are equal; on loopback addresses the port may differ (RFC 8252, 7.3)."""
    # Parsed again, because pydantic's models differ in how they write an empty path.
    ours, theirs = _URL.validate_python(str(registered)), _URL.validate_python(str(requested))
    if is_loopback_redirect(ours) and is_loopback_redirect(theirs):
        return _without_port(ours) == _without_port(theirs)
    return str(ours) == str(theirs)


def is_redirect_within(uri: str | AnyUrl, domains: Iterable[str]) -> bool:
    """True for a redirect URI on the user's own machine, and for https to one of the domains or a name below it.

    >>> hosts = ("vscode.dev", "insiders.vscode.dev", "evilvscode.dev")
    >>> [is_redirect_within(f"https://{host}/callback", ["vscode.dev"]) for host in hosts]
    [True, True, False]
    >>> is_redirect_within("http://127.0.0.1:6274/cb", [])
    True
    """
    parts = urlsplit(str(uri))
    host = f".{(parts.hostname or '').lower()}"
    is_listed = parts.scheme == "https" and any(host.endswith(f".{domain}") for domain in domains)
    return is_listed or is_loopback_redirect(uri)


def is_loopback_redirect(uri: str | AnyUrl) -> bool:
    """True for plain http to the user's own machine, where any program may listen."""
    parts = urlsplit(str(uri))
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


def _without_port(uri: AnyUrl) -> tuple[str | None, ...]:
    return uri.username, uri.password, uri.host, uri.path, uri.query, uri.fragment
