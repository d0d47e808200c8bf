"""Authorization requests that wait for the user's consent.

Anybody can send a request, so until a user decides none is stored: it travels through the browser, sealed under a key
of the vault. The first browser in which somebody decides owns it from then on.
"""

from __future__ import annotations

import hmac
import secrets
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from outlook_mcp.web.authorization.client import ClientKind
from outlook_mcp.web.authorization.grant_records import GrantRecord, GrantRecords
from outlook_mcp.web.authorization.sealed_text import SealedText

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


class SealedRequest(BaseModel):
    """What travels through the browser. `id` is unguessable; `expires_at` is Unix time in seconds."""

    model_config = ConfigDict(frozen=True)

    id: str
    expires_at: float
    request: AuthorizationRequest


class DecisionRecord(GrantRecord):
    """A request that a user decided, by its id; `browser` is the digest of the cookie of the browser that owns it.

    `has_ended` when it was approved or refused; before that the user has allowed it and signs in.
    """

    kind: ClassVar[str] = "authorization_request"

    browser: str
    has_ended: bool = False

    def belongs_to(self, browser: str) -> bool:
        return hmac.compare_digest(self.browser.encode(), browser.encode())


class AuthorizationRequests:
    """Requests by their sealed text, for ten minutes. The text appears in URLs, so it alone gives no access."""

    def __init__(self, records: GrantRecords) -> None:
        self._records = records
        self._sealed = SealedText(records.derived_key, purpose="authorization requests", kind="sealed_request")

    async def seal_request(self, request: AuthorizationRequest) -> str:
        """The sealed text, which any server that shares the vault can open."""
        expires_at = self._records.now() + LIFETIME_S
        found = SealedRequest(id=secrets.token_urlsafe(32), expires_at=expires_at, request=request)
        return await self._sealed.seal_text(found.model_dump_json().encode())

    async def find_request(self, sealed: SecretStr) -> AuthorizationRequest | None:
        """None when the text is not ours, or the request has ended or expired."""
        found = await self._opened(sealed)
        if found is None:
            return None
        decision = await self._decision(found)
        return None if decision is not None and decision.has_ended else found.request

    async def belongs_to_another(self, sealed: SecretStr, browser: str) -> bool:
        """True when it was decided in another browser."""
        found = await self._opened(sealed)
        decision = None if found is None else await self._decision(found)
        return decision is not None and not decision.belongs_to(browser)

    async def bind(self, sealed: SecretStr, browser: str) -> bool:
        """Binds the request to the first browser that decides; False for every other one."""
        found = await self._opened(sealed)
        if found is None:
            return False
        decided = DecisionRecord(browser=browser, expires_at=found.expires_at)
        await self._records.create_record(SecretStr(found.id), decided)
        decision = await self._decision(found)
        return decision is not None and decision.belongs_to(browser)

    async def take_request(self, sealed: SecretStr, browser: str) -> AuthorizationRequest | None:
        """Ends the request; returns it once, to the browser that it is bound to, and None in every other case."""
        found = await self._opened(sealed)
        if found is None:
            return None

        def ended(decision: DecisionRecord | None) -> DecisionRecord | None:
            if decision is None or decision.has_ended or not decision.belongs_to(browser):
                return None
            return decision.model_copy(update={"has_ended": True})

        return found.request if await self._records.change_record(DecisionRecord, SecretStr(found.id), ended) else None

    async def _decision(self, found: SealedRequest) -> DecisionRecord | None:
        return await self._records.read_record(DecisionRecord, SecretStr(found.id))

    async def _opened(self, sealed: SecretStr) -> SealedRequest | None:
        value = await self._sealed.open_text(sealed.get_secret_value())
        try:
            found = None if value is None else SealedRequest.model_validate_json(value)
        except ValidationError:
            return None
        return None if found is None or found.expires_at <= self._records.now() else found
