"""Authorization codes: one minute, one use, and who uses one twice ends the session it made (OAuth 2.1, 4.1.3)."""

from __future__ import annotations

import re
import secrets
from typing import ClassVar

from mcp.server.auth.provider import AuthorizationCode
from pydantic import AnyUrl, Field, SecretStr

from outlook_mcp.identity.session import Session
from outlook_mcp.identity.user import UserKey
from outlook_mcp.web.authorization.authorization_request import AuthorizationRequest
from outlook_mcp.web.authorization.grant_records import GrantRecord, GrantRecords

LIFETIME_S = 60.0
# How long a second use is still known for one.
REMEMBERED_S = 3600.0
_CODE = re.compile(r"[A-Za-z0-9_-]{43}")


class CodeRecord(GrantRecord):
    """What the user approved; `address` is that of the browser on the network."""

    kind: ClassVar[str] = "authorization_code"

    request: AuthorizationRequest
    user: UserKey
    account: str
    address: str

    @property
    def issued_at(self) -> float:
        return self.expires_at - LIFETIME_S


class RedeemedRecord(GrantRecord):
    """The session that a code made."""

    kind: ClassVar[str] = "redeemed_code"

    user: UserKey
    session_id: str


class GrantCode(AuthorizationCode):
    """A code as the SDK's token endpoint wants it, with what we kept beside."""

    code: str = Field(repr=False)
    approved: CodeRecord


class AuthorizationCodes:
    """Codes by their digest."""

    def __init__(self, records: GrantRecords) -> None:
        self._records = records

    async def issue(self, request: AuthorizationRequest, *, user: UserKey, account: str, address: str) -> str:
        code = secrets.token_urlsafe(32)
        expires_at = self._records.now() + LIFETIME_S
        record = CodeRecord(request=request, user=user, account=account, address=address, expires_at=expires_at)
        await self._records.create(SecretStr(code), record)
        return code

    async def load(self, code: str) -> GrantCode | None:
        """The code, None when it is unknown, late or used; nothing is used up by looking."""
        if not _CODE.fullmatch(code):
            return None
        kept = await self._records.read(CodeRecord, SecretStr(code))
        if kept is None:
            return None
        request = kept.record.request
        return GrantCode(
            code=code,
            scopes=list(request.scopes),
            expires_at=kept.record.expires_at,
            client_id=request.client_id,
            code_challenge=request.code_challenge,
            redirect_uri=AnyUrl(request.redirect_uri),
            redirect_uri_provided_explicitly=request.redirect_uri_provided_explicitly,
            resource=request.resource,
            subject=str(kept.record.user),
            approved=kept.record,
        )

    async def redeem(self, code: GrantCode, session: Session) -> bool:
        """True for the one whose session the code makes."""
        record = RedeemedRecord(
            user=code.approved.user, session_id=session.id, expires_at=self._records.now() + REMEMBERED_S
        )
        # The record of the use comes before the code goes: who finds no code finds that.
        if not await self._records.create(SecretStr(code.code), record):
            return False
        await self._records.remove(CodeRecord, SecretStr(code.code))
        return True

    async def redeemed(self, code: str) -> RedeemedRecord | None:
        """What a used code made."""
        if not _CODE.fullmatch(code):
            return None
        kept = await self._records.read(RedeemedRecord, SecretStr(code))
        return None if kept is None else kept.record
