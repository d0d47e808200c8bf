"""Conditions of the rules between settings that need more than a comparison; see `rules`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from outlook_mcp.config.settings import Settings
from outlook_mcp.net.addresses import is_loopback
from outlook_mcp.net.redirects import RedirectRefused, checked_redirect


def is_in_folder(file: Path, folder: Path) -> bool:
    """True when the file stands in this very folder, whether or not either exists."""
    return file.resolve().parent == folder.resolve()


def serves_plain_http(settings: Settings) -> bool:
    """True when this server would speak plain HTTP and no proxy adds TLS."""
    return settings.tls_certificate is None and not settings.behind_tls_proxy


def is_reachable_from_elsewhere(host: str) -> bool:
    """True when a listener on `host` can be reached from another machine."""
    return not is_loopback(host)


def _connects_directly(settings: Settings) -> bool:
    """True when clients use a loopback address and no proxy: they then meet whatever listens at that port."""
    is_direct = not (settings.behind_tls_proxy or settings.trusted_proxies)
    return is_direct and is_loopback(settings.public_host) and not is_reachable_from_elsewhere(settings.host)


def is_other_host(settings: Settings) -> bool:
    """True when clients on this machine would connect to another address than the one served."""
    listens = "127.0.0.1" if settings.host == "localhost" else settings.host
    return _connects_directly(settings) and settings.public_host not in ("localhost", listens)


def is_other_port(settings: Settings) -> bool:
    """True when clients on this machine would connect to another port than the one served."""
    return _connects_directly(settings) and settings.public_port != settings.port


def misnamed_entra_issuer(settings: Settings) -> str | None:
    """The first issuer at the authority of Entra ID that is not named as in its tokens."""
    wrong = (
        issuer
        for issuer in settings.assertion_issuers
        if settings.is_entra_issuer(issuer) and not issuer.endswith("/v2.0")
    )
    return _first_read(settings, wrong)


def issuer_without_sign_in(settings: Settings) -> str | None:
    """The first issuer whose users could not sign in here."""
    wrong = (
        issuer
        for issuer in settings.assertion_issuers
        if not settings.is_entra_issuer(issuer) and issuer != settings.oidc_issuer
    )
    return _first_read(settings, wrong)


def repeated_client_id(settings: Settings) -> str | None:
    """The first client_id that two configured clients have."""
    ids = [client.client_id for client in settings.clients]
    return _first_read(settings, (client_id for number, client_id in enumerate(ids) if client_id in ids[:number]))


def refused_redirect(settings: Settings) -> str | None:
    """The first redirect URI of a configured client that `redirects` refuses, and whose it is."""
    for client in settings.clients if settings.auth == "own" else ():
        for uri in client.redirect_uris:
            try:
                checked_redirect(uri)
            except RedirectRefused:
                return f"read {uri!r} of the client {client.client_id!r}"
    return None


def _first_read(settings: Settings, wrong: Iterator[str]) -> str | None:
    first = next(wrong, None) if settings.auth == "own" else None
    return None if first is None else f"read {first!r}"


def admits_everybody(settings: Settings) -> bool:
    """True when nothing but the tenant limits who may use the server."""
    is_limited = bool(settings.allowed_tenants or settings.allowed_domains or settings.allowed_users)
    return settings.auth != "oidc" and not is_limited
