"""Clients that the administrator of this server knows, such as one whose identity assertions are accepted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from mcp.shared.auth import DEFAULT_GRANT_TYPES
from pydantic import SecretStr

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.web.authorization.client import OAuthClient
from outlook_mcp.web.authorization.redirects import RedirectRefused, checked

SecretMethod = Literal["client_secret_post", "client_secret_basic"]


@dataclass(frozen=True, slots=True)
class ConfiguredClient:
    """A client without `secret` is public. `client_id` may be the URL of a metadata document: it is then not fetched.

    Private-use schemes (`cursor://`) are allowed among the redirect URIs, unlike those of a client that names itself.
    """

    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    secret: SecretStr | None = None
    secret_method: SecretMethod = "client_secret_post"  # noqa: S105
    grant_types: tuple[str, ...] = tuple(DEFAULT_GRANT_TYPES)

    def client(self) -> OAuthClient:
        """Raises ConfigurationError when a redirect URI can be used by nobody."""
        try:
            redirect_uris = [checked(uri) for uri in self.redirect_uris]
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


def by_id(configured: Iterable[ConfiguredClient]) -> Mapping[str, OAuthClient]:
    """The clients by client_id; ConfigurationError when two have the same."""
    clients: dict[str, OAuthClient] = {}
    for each in configured:
        if each.client_id in clients:
            raise ConfigurationError(f"clients: {each.client_id} is named twice.")
        clients[each.client_id] = each.client()
    return clients
