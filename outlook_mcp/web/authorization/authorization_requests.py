"""Authorization requests that wait for the user's consent, each bound to the browser that opened it first."""

from __future__ import annotations

import hmac
import secrets
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, SecretStr

from outlook_mcp.web.authorization.client import ClientKind
from outlook_mcp.web.authorization.grant_records import GrantRecord, GrantRecords

LIFETIME_S = 600.0


class AuthorizationRequest(BaseModel):
    """What the client asked for, already checked. `login_hint` only suggests an account to the sign-in page."""

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
    """`browser` is the digest of the cookie of the browser that the request is bound to, None before it is."""

    kind: ClassVar[str] = "authorization_request"

    request: AuthorizationRequest
    browser: str | None = None


class AuthorizationRequests:
    """Requests by handle, for ten minutes. The handle appears in URLs, so it alone gives no access."""

    def __init__(self, records: GrantRecords) -> None:
        self._records = records

    async def store_request(self, request: AuthorizationRequest) -> str:
        """The handle of the stored request."""
        handle = secrets.token_urlsafe(32)
        record = RequestRecord(request=request, expires_at=self._records.now() + LIFETIME_S)
        await self._records.create_record(SecretStr(handle), record)
        return handle

    async def find_request(self, handle: SecretStr) -> AuthorizationRequest | None:
        """None when it is unknown, decided or expired."""
        record = await self._record(handle)
        return None if record is None else record.request

    async def bind(self, handle: SecretStr, browser: str) -> bool:
        """Binds the request to the first browser that asks; False for every other one."""
        is_bound = False

        def bound(record: RequestRecord | None) -> RequestRecord | None:
            nonlocal is_bound
            is_free = record is not None and record.browser is None
            is_bound = is_free or _request_of(record, browser) is not None
            return record.model_copy(update={"browser": browser}) if record is not None and is_free else None

        await self._records.change_record(RequestRecord, handle, bound)
        return is_bound

    async def take_request(self, handle: SecretStr, browser: str) -> AuthorizationRequest | None:
        """Removes the request; returns it once, to the browser that it is bound to, and None in every other case."""
        request = _request_of(await self._record(handle), browser)
        if request is None or not await self._records.delete_record(RequestRecord, handle):
            return None
        return request

    async def _record(self, handle: SecretStr) -> RequestRecord | None:
        return await self._records.read_record(RequestRecord, handle)


def _request_of(record: RequestRecord | None, browser: str) -> AuthorizationRequest | None:
    """The request if it is bound to `browser`, else None."""
    owner = None if record is None else record.browser
    if record is None or owner is None or not hmac.compare_digest(owner.encode(), browser.encode()):
        return None
    return record.request
