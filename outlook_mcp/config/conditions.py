"""Conditions of the rules between settings that need more than a comparison; see `rules`."""

from __future__ import annotations

from collections.abc import Iterator

from outlook_mcp.config.settings import Settings
from outlook_mcp.net.addresses import is_loopback
from outlook_mcp.web.authorization.redirects import RedirectRefused, checked_redirect


def serves_plain_http(s: Settings) -> bool:
    """True when this server would speak plain HTTP and no proxy adds TLS."""
    return s.tls_certificate is None and not s.behind_tls_proxy


def is_reachable_from_elsewhere(host: str) -> bool:
    """True when a listener on `host` can be reached from another machine."""
    return not is_loopback(host)


def _connects_directly(s: Settings) -> bool:
    """True when clients use a loopback address and no proxy: they then meet whatever listens at that port."""
    is_direct = not (s.behind_tls_proxy or s.trusted_proxies)
    return is_direct and is_loopback(s.public_host) and not is_reachable_from_elsewhere(s.host)


def is_other_host(s: Settings) -> bool:
    """True when clients on this machine would connect to another address than the one served."""
    listens = "127.0.0.1" if s.host == "localhost" else s.host
    return _connects_directly(s) and s.public_host not in ("localhost", listens)


def is_other_port(s: Settings) -> bool:
    """True when clients on this machine would connect to another port than the one served."""
    return _connects_directly(s) and s.public_port != s.port


def misnamed_entra_issuer(s: Settings) -> str | None:
    """The first issuer at the authority of Entra ID that is not named as in its tokens."""
    wrong = (issuer for issuer in s.assertion_issuers if s.is_entra_issuer(issuer) and not issuer.endswith("/v2.0"))
    return _first_read(s, wrong)


def issuer_without_sign_in(s: Settings) -> str | None:
    """The first issuer whose users could not sign in here."""
    wrong = (issuer for issuer in s.assertion_issuers if not s.is_entra_issuer(issuer) and issuer != s.oidc_issuer)
    return _first_read(s, wrong)


def repeated_client_id(s: Settings) -> str | None:
    """The first client_id that two configured clients have."""
    ids = [client.client_id for client in s.clients]
    return _first_read(s, (client_id for number, client_id in enumerate(ids) if client_id in ids[:number]))


def refused_redirect(s: Settings) -> str | None:
    """The first redirect URI of a configured client that `redirects` refuses, and whose it is."""
    for client in s.clients if s.auth == "own" else ():
        for uri in client.redirect_uris:
            try:
                checked_redirect(uri)
            except RedirectRefused:
                return f"read {uri!r} of the client {client.client_id!r}"
    return None


def _first_read(s: Settings, wrong: Iterator[str]) -> str | None:
    first = next(wrong, None) if s.auth == "own" else None
    return None if first is None else f"read {first!r}"


def admits_everybody(s: Settings) -> bool:
    """True when nothing but the tenant limits who may use the server."""
    is_limited = bool(s.allowed_tenants or s.allowed_domains or s.allowed_users)
    return s.auth != "oidc" and not is_limited
