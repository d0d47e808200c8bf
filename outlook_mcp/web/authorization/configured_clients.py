"""Clients that the administrator registered in the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from mcp.shared.auth import DEFAULT_GRANT_TYPES
from pydantic import SecretStr

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.web.authorization.client import OAuthClient
from outlook_mcp.web.authorization.redirects import RedirectRefused, checked_redirect

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
        """Raises ConfigurationError when a redirect URI breaks a rule of `redirects`."""
        try:
            redirect_uris = [checked_redirect(uri) for uri in self.redirect_uris]
        except RedirectRefused as refused:
            raise ConfigurationError(f"clients: {self.client_id}: {refused}") from None
        return OAuthClient(
            kind="configured",
            client_id=self.client_id,
            client_name=self.name,
            redirect_uris=redirect_uris,
            client_secret=None if self.secret is None else self.secret.get_secret_value(),
            token_endpoint_auth_method="none" if self.secret is None else self.secret_method,
            grant_types=list(self.grant_types),
        )


def clients_by_id(configured: Iterable[ConfiguredClient]) -> Mapping[str, OAuthClient]:
    """The clients by client_id. Raises ConfigurationError when two have the same one."""
    clients: dict[str, OAuthClient] = {}
    for client in configured:
        if client.client_id in clients:
            raise ConfigurationError(f"clients: {client.client_id} is named twice.")
        clients[client.client_id] = client.to_client()
    return clients
