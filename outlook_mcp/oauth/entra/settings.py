"""What the sign-in with Microsoft needs to know, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.identity.scopes import OFFLINE_ACCESS, with_directory, with_shared
from outlook_mcp.net.addresses import is_loopback, require_protected
from outlook_mcp.net.proxies import NO_PROXIES, Proxies
from outlook_mcp.oauth.entra.clouds import CLOUDS

# What every sign-in asks for.
IDENTITY_SCOPES = ("openid", "profile")
# Asks who somebody is, and for no access to anything.
IDENTITY_ALONE: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthSettings:
    """One app registration in one cloud.

    `tenant` is an id, a domain, `common`, `organizations` or `consumers`; `scopes` are the Graph permissions.
    `redirect_host` is the host of the redirect URI over stdio: Entra ignores the port of `localhost` by itself.
    `deadline_s` bounds every exchange with Entra. `is_server` means that people sign in to a web server.
    `shared_mailboxes`: also asked for are the mailboxes that others share with the user.
    `directory`: with the permissions for people, also the directory of the user's organisation.
    """

    client_id: str
    tenant: str = "common"
    authority: str = CLOUDS["global"].authority
    scopes: tuple[str, ...] = ("User.Read", "Mail.Read")
    redirect_host: str = "localhost"
    ca_file: Path | None = None
    proxies: Proxies = NO_PROXIES
    login_hint: str | None = None
    deadline_s: float = 15.0
    is_server: bool = False
    shared_mailboxes: bool = False
    directory: bool = False

    def __post_init__(self) -> None:
        require_protected(self.authority, "authority")
        if not is_loopback(self.redirect_host):
            raise ConfigurationError(f"redirect_host: read {self.redirect_host!r}; expected localhost or 127.0.0.1.")

    @property
    def base_url(self) -> str:
        """`{authority}/{tenant}`."""
        return f"{self.authority.rstrip('/')}/{quote(self.tenant, safe='')}"

    def asked_scopes(self, scopes: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """`scopes` (or the configured ones) with those every sign-in needs, each once.

        `IDENTITY_ALONE` asks for no refresh token either.
        """
        permissions = self.scopes if scopes is None else scopes
        lasting = (OFFLINE_ACCESS,) if permissions else ()
        return tuple(dict.fromkeys((*IDENTITY_SCOPES, *lasting, *permissions)))

    def with_options(self, permissions: tuple[str, ...]) -> tuple[str, ...]:
        """These Graph permissions, and those that `shared_mailboxes` and `directory` add to them."""
        asked = with_shared(permissions) if self.shared_mailboxes else permissions
        return with_directory(asked) if self.directory else asked
