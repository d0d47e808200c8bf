"""A client as our authorization server knows it, however it came to be known."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from mcp.shared.auth import InvalidRedirectUriError, OAuthClientInformationFull
from pydantic import AnyUrl, Field

from outlook_mcp.identity.scopes import known_scopes
from outlook_mcp.web.authorization.redirects import matches

ClientKind = Literal["document", "registered", "configured"]


class OAuthClient(OAuthClientInformationFull):
    """`kind` tells how far its name can be believed.

    `document`: whoever runs the site of its client_id says so; `registered`: anybody may have said so; `configured`:
    the administrator of this server says so.
    """

    kind: ClientKind = Field(exclude=True)
    client_secret: str | None = Field(default=None, repr=False)

    @property
    def name(self) -> str:
        """For people to read; never empty. Cleaned when the client became known."""
        return self.client_name or self.host or self.client_id

    @property
    def host(self) -> str | None:
        """The site that speaks for a client of the kind `document`."""
        return urlsplit(self.client_id).hostname if self.kind == "document" else None

    def validate_redirect_uri(self, redirect_uri: AnyUrl | None) -> AnyUrl:
        """The address asked for, if it is one of the client's; on loopback the port is free."""
        if redirect_uri is None:
            return super().validate_redirect_uri(None)
        if any(matches(registered, redirect_uri) for registered in self.redirect_uris or ()):
            return redirect_uri
        raise InvalidRedirectUriError("This redirect URI is not one of the client's.")

    def validate_scope(self, requested_scope: str | None) -> list[str]:
        """Those of the table of scopes, without any others; the provider keeps those that this server offers."""
        return list(known_scopes((requested_scope or "").split()))
