"""An OAuth client as our authorization server knows it."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from mcp.shared.auth import InvalidRedirectUriError, OAuthClientInformationFull
from pydantic import AnyUrl, Field

from outlook_mcp.identity.scopes import known_scopes
from outlook_mcp.net.redirects import is_same_redirect

ClientKind = Literal["document", "registered", "configured"]


class OAuthClient(OAuthClientInformationFull):
    """`kind` tells who vouches for the client's name.

    `document`: the site of its client_id (a metadata document); `registered`: nobody, it registered itself;
    `configured`: the administrator of this server.
    """

    kind: ClientKind = Field(exclude=True)
    client_secret: str | None = Field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The name for display; never empty. Cleaned of invisible characters when the client was read."""
        return self.client_name or self.host or self.client_id

    @property
    def host(self) -> str | None:
        """The host of the metadata document; None for other kinds of clients."""
        return urlsplit(self.client_id).hostname if self.kind == "document" else None

    def validate_redirect_uri(self, redirect_uri: AnyUrl | None) -> AnyUrl:
        """The redirect URI of a request if it is one of the client's; on loopback addresses any port matches."""
        if redirect_uri is None:
            return super().validate_redirect_uri(None)
        if any(is_same_redirect(registered, redirect_uri) for registered in self.redirect_uris or ()):
            return redirect_uri
        raise InvalidRedirectUriError("The redirect_uri is not one of the client's.")

    def validate_scope(self, requested_scope: str | None) -> list[str]:
        """The requested scopes that exist; the provider keeps those that this server offers."""
        return list(known_scopes((requested_scope or "").split()))
