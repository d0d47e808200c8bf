"""The settings of the HTTP server, already checked by the configuration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from outlook_mcp.identity.scopes import DEFAULT_SCOPES, OFFLINE_ACCESS, known_scopes

MCP_PATH = "/mcp"
CALLBACK_PATH = "/callback"
CONSENT_PATH = "/consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebLimits:
    """Limits of the HTTP server that protect it from slow clients and one user from another; times in seconds.

    `token_check_s` is how often the access token of an open event stream is verified again. `sessions_per_user` is
    how many protocol sessions a user may open in half an hour, where the server keeps any.
    """

    header_deadline_s: float = 10.0
    body_deadline_s: float = 30.0
    # Long, since what the system has buffered is sent first, unseen.
    unread_deadline_s: float = 60.0
    token_check_s: float = 5.0
    # The SDK keeps 10,000 for all users together, each until half an hour after its last use.
    sessions_per_user: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """`public_url` is the origin under which browsers and clients reach this server, without path or trailing slash.

    Issuer, audience, redirect URIs and allowed hosts are derived from it. `token_issuer` is the issuer of the access
    tokens, None for this server itself; `scope_prefix` is what that issuer puts before the names of our scopes.
    `scopes` are those that the offered tools need, in the order of the table of scopes; no others are granted.
    """

    public_url: str
    access_token_lifetime_s: int = 1800
    dynamic_registration: bool = True
    client_documents: bool = True
    token_issuer: str | None = None
    scope_prefix: str = ""
    limits: WebLimits = WebLimits()
    scopes: tuple[str, ...] = DEFAULT_SCOPES

    @property
    def issuer(self) -> str:
        return self.public_url

    @property
    def resource(self) -> str:
        """The audience of our access tokens (RFC 8707)."""
        return f"{self.public_url}{MCP_PATH}"

    @property
    def callback(self) -> str:
        """The redirect URI of our sign-ins at Entra ID and other issuers."""
        return f"{self.public_url}{CALLBACK_PATH}"

    @property
    def is_https(self) -> bool:
        return urlsplit(self.public_url).scheme == "https"

    @property
    def authorization_server(self) -> str:
        """The issuer of the authorization server that clients get their tokens from."""
        return self.token_issuer or self.issuer

    @property
    def first_scopes(self) -> tuple[str, ...]:
        """The scopes of a client that asks for none; it can ask for more when a tool needs them (step-up)."""
        return self.scopes[:1]

    def offered_scopes(self, names: Iterable[str]) -> tuple[str, ...]:
        """The scopes of `names` that are offered here, each once, in the order of the table of scopes."""
        return tuple(name for name in known_scopes(names) if name in self.scopes)

    def spelled(self, scopes: Iterable[str]) -> tuple[str, ...]:
        """Scopes of ours as the issuer of the tokens spells them."""
        return tuple(f"{self.scope_prefix}{scope}" for scope in scopes)

    @property
    def authorization_scopes(self) -> tuple[str, ...]:
        """With `offline_access`, which only the authorization server's metadata lists, not the resource's."""
        return (*self.scopes, OFFLINE_ACCESS)
