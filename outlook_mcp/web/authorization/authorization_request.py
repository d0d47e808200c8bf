"""A client's request that waits for the user's consent, bound to the browser that opened it first."""

from __future__ import annotations

import hmac
import secrets
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, SecretStr

from outlook_mcp.web.authorization.client import ClientKind
from outlook_mcp.web.authorization.grant_records import GrantRecord, GrantRecords, StoredGeneration

LIFETIME_S = 600.0


class AuthorizationRequest(BaseModel):
    """What the client asked for, checked. `scopes` are ours; `login_hint` is only a proposal to the sign-in page."""

    model_config = ConfigDict(frozen=True)

    client_id: str
    client_name: str
    client_kind: ClientKind
    redirect_uri: str
    redirect_uri_provided_explicitly: bool
    state: str | None
    code_challenge: str
    scopes: tuple[str, ...]
    resource: str
    login_hint: str | None = None


class RequestRecord(GrantRecord):
    """`browser` is a digest of the cookie of the browser that owns the request."""

    kind: ClassVar[str] = "authorization_request"

    request: AuthorizationRequest
    browser: str | None = None


class AuthorizationRequests:
    """Requests by handle, for ten minutes. The handle travels in addresses, so it alone opens nothing."""

    def __init__(self, records: GrantRecords) -> None:
        self._records = records

    async def keep(self, request: AuthorizationRequest) -> str:
        """The handle."""
        handle = secrets.token_urlsafe(32)
        record = RequestRecord(request=request, expires_at=self._records.now() + LIFETIME_S)
        await self._records.create(SecretStr(handle), record)
        return handle

    async def read(self, handle: SecretStr) -> AuthorizationRequest | None:
        kept = await self._kept(handle)
        return None if kept is None else kept.record.request

    async def bind(self, handle: SecretStr, browser: str) -> bool:
        """The first browser owns the request from now on; False to every other."""
        kept = await self._kept(handle)
        if kept is not None and kept.record.browser is None:
            if await self._records.swap(handle, kept.record.model_copy(update={"browser": browser}), kept.generation):
                return True
            kept = await self._kept(handle)
        return _owned(kept, browser) is not None

    async def take(self, handle: SecretStr, browser: str) -> AuthorizationRequest | None:
        """The request, once, to the browser that owns it."""
        request = _owned(await self._kept(handle), browser)
        if request is None or not await self._records.remove(RequestRecord, handle):
            return None
        return request

    async def _kept(self, handle: SecretStr) -> StoredGeneration[RequestRecord] | None:
        return await self._records.read(RequestRecord, handle)


def _owned(kept: StoredGeneration[RequestRecord] | None, browser: str) -> AuthorizationRequest | None:
    owner = None if kept is None else kept.record.browser
    if kept is None or owner is None or not hmac.compare_digest(owner.encode(), browser.encode()):
        return None
    return kept.record.request
