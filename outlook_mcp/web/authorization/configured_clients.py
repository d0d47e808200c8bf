"""Clients that the administrator registered in the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mcp.shared.auth import DEFAULT_GRANT_TYPES
from pydantic import SecretStr

from outlook_mcp.net.redirects import checked_redirect
from outlook_mcp.web.authorization.client import OAuthClient

SecretMethod = Literal["client_secret_post", "client_secret_basic"]


@dataclass(frozen=True, slots=True)
class ConfiguredClient:
    """A client without `secret` is public. If `client_id` is the URL of a metadata document, that is not fetched.

    Unlike a client that describes itself, it may have redirect URIs with a private-use scheme (`cursor://`).
    """

    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    secret: SecretStr | None = None
    secret_method: SecretMethod = "client_secret_post"  # noqa: S105
    grant_types: tuple[str, ...] = tuple(DEFAULT_GRANT_TYPES)

    def to_client(self) -> OAuthClient:
        """Raises RedirectRefused for a redirect URI that breaks a rule; the configuration has checked them before."""
        return OAuthClient(
            kind="configured",
            client_id=self.client_id,
            client_name=self.name,
            redirect_uris=[checked_redirect(uri) for uri in self.redirect_uris],
            client_secret=None if self.secret is None else self.secret.get_secret_value(),
            token_endpoint_auth_method="none" if self.secret is None else self.secret_method,
            grant_types=list(self.grant_types),
        )
