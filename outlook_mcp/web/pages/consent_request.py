"""What the pages need of the authorization server."""

from __future__ import annotations

from typing import Protocol

from pydantic import SecretStr

from outlook_mcp.identity.user import UserKey
from outlook_mcp.web.authorization.client import ClientKind


class ConsentRequest(Protocol):
    """What a client asks for; all but `client_kind` and `scopes` is what it says of itself."""

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
    """Requests that wait for a person's decision, by handle; `browser` is the digest of the browser's cookie."""

    async def request(self, handle: SecretStr) -> ConsentRequest | None:
        """None when there is none, it was decided or its time is over."""

    async def bind(self, handle: SecretStr, browser: str) -> bool:
        """True for the first browser and ever after; False for every other."""

    async def approve(self, handle: SecretStr, *, browser: str, user: UserKey, account: str, address: str) -> str:
        """Grants it, once: where the browser takes the code. Raises SignInRefused when it is over."""

    async def refuse(self, handle: SecretStr, *, browser: str, error: str, description: str) -> str:
        """Ends it, once: where the browser takes the error. Raises SignInRefused when it is over."""
