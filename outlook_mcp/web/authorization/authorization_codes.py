"""Authorization codes: valid for a minute, once; a second use ends the session of the first (OAuth 2.1, 4.1.3)."""

from __future__ import annotations

import re
import secrets
from typing import ClassVar

from mcp.server.auth.provider import AuthorizationCode
from pydantic import AnyUrl, Field, SecretStr

from outlook_mcp.identity.session import Session
from outlook_mcp.identity.user import UserKey
from outlook_mcp.web.authorization.authorization_requests import AuthorizationRequest
from outlook_mcp.web.authorization.grant_records import GrantRecord, GrantRecords

LIFETIME_S = 60.0
# How long a second use is recognized as one.
REMEMBERED_S = 3600.0
_CODE = re.compile(r"[A-Za-z0-9_-]{43}")


class CodeRecord(GrantRecord):
    """What the user approved. `account` is the mail address of the user, `address` the browser's on the network."""

    kind: ClassVar[str] = "authorization_code"

    request: AuthorizationRequest
    user: UserKey
    account: str
    address: str

    @property
    def issued_at(self) -> float:
        return self.expires_at - LIFETIME_S


class RedeemedRecord(GrantRecord):
    """The session that was started with a code."""

    kind: ClassVar[str] = "redeemed_code"

    user: UserKey
    session_id: str


class GrantCode(AuthorizationCode):
    """A code in the form that the SDK's token endpoint expects, with our record of it."""

    code: str = Field(repr=False)
    approved: CodeRecord


class AuthorizationCodes:
    """Issues, finds and redeems codes; they are stored by their digest."""

    def __init__(self, records: GrantRecords) -> None:
        self._records = records

    async def issue_code(self, request: AuthorizationRequest, *, user: UserKey, account: str, address: str) -> str:
        """A new code for an approved request."""
        code = secrets.token_urlsafe(32)
        expires_at = self._records.now() + LIFETIME_S
        record = CodeRecord(request=request, user=user, account=account, address=address, expires_at=expires_at)
        await self._records.create_record(SecretStr(code), record)
        return code

    async def find_code(self, code: str) -> GrantCode | None:
        """The code; None when it is unknown, expired or redeemed. Does not use it up."""
        if not _CODE.fullmatch(code):
            return None
        approved = await self._records.read_record(CodeRecord, SecretStr(code))
        if approved is None:
            return None
        request = approved.request
        return GrantCode(
            code=code,
            scopes=list(request.scopes),
            expires_at=approved.expires_at,
            client_id=request.client_id,
            code_challenge=request.code_challenge,
            redirect_uri=AnyUrl(request.redirect_uri),
            redirect_uri_provided_explicitly=request.redirect_uri_provided_explicitly,
            resource=request.resource,
            subject=str(approved.user),
            approved=approved,
        )

    async def redeem(self, code: GrantCode, session: Session) -> bool:
        """Uses the code up for `session`; False when it was redeemed before."""
        record = RedeemedRecord(
            user=code.approved.user, session_id=session.id, expires_at=self._records.now() + REMEMBERED_S
        )
        # Written before the code is deleted, so that whoever finds no code finds this record.
        if not await self._records.create_record(SecretStr(code.code), record):
            return False
        await self._records.delete_record(CodeRecord, SecretStr(code.code))
        return True

    async def find_redeemed(self, code: str) -> RedeemedRecord | None:
        """The session that was started with a redeemed code; None when it is unknown."""
        if not _CODE.fullmatch(code):
            return None
        return await self._records.read_record(RedeemedRecord, SecretStr(code))
