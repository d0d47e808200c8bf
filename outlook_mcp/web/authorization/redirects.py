"""Where a code may be sent: https anywhere, plain http on the user's own machine, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from pydantic import AnyUrl, TypeAdapter, ValidationError

from outlook_mcp.net.addresses import is_plain

MOST = 50
LONGEST = 2000
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# Schemes that a browser runs or opens itself, where it does not hand the address to a program.
_OPENED_BY_BROWSERS = frozenset(
    {"about", "blob", "data", "file", "ftp", "javascript", "vbscript", "view-source", "ws", "wss"}
)
_URL = TypeAdapter(AnyUrl)


class RedirectRefused(ValueError):
    """Says which rule the address breaks."""


def accepted(uris: Iterable[str | AnyUrl]) -> list[AnyUrl]:
    """The addresses of a client that names itself; RedirectRefused when one breaks a rule or none can be used.

    Private-use schemes (`cursor://`) are left out: any program may claim one and read the code of another. Clients
    that name one name a loopback or https address too.
    """
    uris = tuple(uris)
    if len(uris) > MOST:
        raise RedirectRefused(f"More than {MOST} redirect URIs.")
    found = [checked(uri) for uri in uris]
    kept = [uri for uri in found if uri.scheme in ("https", "http")]
    if not kept:
        raise RedirectRefused("A redirect URI must be https, or http on 127.0.0.1, [::1] or localhost.")
    return kept


def checked(uri: str | AnyUrl) -> AnyUrl:
    """The address in the form a browser reads it; RedirectRefused when nothing may be sent there."""
    if len(str(uri)) > LONGEST:
        raise RedirectRefused(f"A redirect URI is longer than {LONGEST} characters.")
    try:
        parsed = _URL.validate_python(uri)
    except ValidationError:
        raise RedirectRefused("A redirect URI is not a URL.") from None
    if parsed.fragment is not None:
        raise RedirectRefused("A redirect URI has a fragment.")
    if parsed.username is not None or parsed.password is not None:
        raise RedirectRefused("A redirect URI has a user name or password.")
    if "*" in str(parsed):
        raise RedirectRefused("A redirect URI has a wildcard.")
    if not is_plain(str(parsed)):
        # Found out now, and not when a user who allowed the client is to be sent there.
        raise RedirectRefused("A redirect URI has a character that must be percent-encoded.")
    if parsed.scheme in _OPENED_BY_BROWSERS:
        raise RedirectRefused(f"A redirect URI has the scheme {parsed.scheme}.")
    if parsed.scheme == "http" and not is_loopback_redirect(parsed):
        raise RedirectRefused("A redirect URI with plain http must be on 127.0.0.1, [::1] or localhost.")
    return parsed


def matches(registered: AnyUrl, asked: AnyUrl) -> bool:
    """The same address; the port is free on loopback, where a client cannot know it before (RFC 8252, 7.3)."""
    # Parsed again, since pydantic's models differ in how they write an empty path.
    ours, theirs = _URL.validate_python(str(registered)), _URL.validate_python(str(asked))
    if is_loopback_redirect(ours) and is_loopback_redirect(theirs):
        return _without_port(ours) == _without_port(theirs)
    return str(ours) == str(theirs)


def is_loopback_redirect(uri: str | AnyUrl) -> bool:
    """Plain http to this very machine: any program on it may answer there."""
    parts = urlsplit(str(uri))
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


def _without_port(uri: AnyUrl) -> tuple[str | None, ...]:
    return uri.username, uri.password, uri.host, uri.path, uri.query, uri.fragment
