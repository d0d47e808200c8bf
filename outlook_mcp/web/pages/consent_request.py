"""What the consent page needs of the authorization server."""

from __future__ import annotations

from typing import Protocol

from pydantic import SecretStr

from outlook_mcp.identity.user import UserKey
from outlook_mcp.web.authorization.client import ClientKind


class ConsentRequest(Protocol):
    """What a client asks for. Only `client_kind` and `scopes` are checked facts; the client claims the rest."""

    @property
    def client_id(self) -> str: ...
    @property
    def client_name(self) -> str: ...
    @property
    def client_kind(self) -> ClientKind: ...
    @property
    def redirect_uri(self) -> str: ...
    @property
    def scopes(self) -> tuple[str, ...]: ...
    @property
    def login_hint(self) -> str | None: ...


class ConsentRequests(Protocol):
    """Authorization requests that wait for the user's decision, by handle: a text in which the request is sealed.

    `browser` is the digest of the browser's cookie.
    """

    async def pending_request(self, handle: SecretStr) -> ConsentRequest | None:
        """None when it is unknown, decided or expired."""

    async def belongs_to_another(self, handle: SecretStr, browser: str) -> bool:
        """True when the request was decided in another browser."""

    async def bind(self, handle: SecretStr, browser: str) -> bool:
        """Binds the request to the first browser that decides; True for that one from then on, False for others."""

    async def approve(self, handle: SecretStr, *, browser: str, user: UserKey, account: str, address: str) -> str:
        """Approves the request, once; the client's redirect URI with a code. Raises SignInRefused when it has ended."""

    async def refuse(self, handle: SecretStr, *, browser: str, error: str, description: str, address: str) -> str:
        """Refuses the request, once; the client's redirect URI with `error`. Raises SignInRefused when it has ended."""
