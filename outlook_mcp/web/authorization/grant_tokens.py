"""Access and refresh tokens of a grant: opaque, stored as digests, valid only as long as their session."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from mcp.server.auth.provider import RefreshToken, TokenError
from mcp.shared.auth import OAuthToken
from pydantic import Field, SecretStr

from outlook_mcp.audit.log import Record
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import RecordBroken, SignInRefused
from outlook_mcp.identity.admission import Admit
from outlook_mcp.identity.scopes import OFFLINE_ACCESS, known_scopes
from outlook_mcp.identity.session import Session, SessionService
from outlook_mcp.identity.user import UserKey
from outlook_mcp.web.authorization.grant_records import GrantRecord, GrantRecords
from outlook_mcp.web.authorization.refresh_families import RefreshFamilies, TokenUse
from outlook_mcp.web.caller import CallerToken
from outlook_mcp.web.http.rate_limits import WINDOW_S, LimitExceeded
from outlook_mcp.web.settings import WebSettings
from outlook_mcp.web.verified_tokens import VerifiedTokens

# A minute and session, from whatever addresses: each is a token in the store and a line of the audit log.
MOST_REFRESHES = 60
_ACCESS_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class AccessRecord(GrantRecord):
    """`scopes` is None when the token has all scopes of the session."""

    kind: ClassVar[str] = "access_token"

    user: UserKey
    session_id: str
    resource: str
    scopes: tuple[str, ...] | None = None


class GrantRefreshToken(RefreshToken):
    """A refresh token in the form that the SDK's token endpoint expects, with its session."""

    token: str = Field(repr=False)
    session: Session


class GrantTokens:
    """Issues, verifies and rotates tokens.

    `admit` raises SignInRefused for users who may not use this server (any more). `record` writes audit events.
    """

    def __init__(
        self,
        settings: WebSettings,
        records: GrantRecords,
        sessions: SessionService,
        *,
        admit: Admit,
        record: Record,
        verified: VerifiedTokens | None = None,
    ) -> None:
        self._settings = settings
        self._records = records
        self._families = RefreshFamilies(settings.resource, records)
        self._sessions = sessions
        self._admit = admit
        self._record = record
        self._verified = VerifiedTokens() if verified is None else verified
        sessions.add_listener(self._verified.forget_session)

    async def issue(self, session: Session, *, with_refresh: bool = True) -> OAuthToken:
        """The first tokens of a new session."""
        refresh = await self._families.start_family(session, _user(session)) if with_refresh else None
        return await self._token_response(session, None, refresh)

    async def verify(self, token: str) -> CallerToken | None:
        """The caller; None when it is not a valid token of ours. Raises StoreUnavailable."""
        if not _ACCESS_TOKEN.fullmatch(token):
            return None
        digest = self._records.digest(AccessRecord, SecretStr(token))
        caller = self._verified.find_token(digest) or await self._load_caller(SecretStr(token), digest)
        if caller is None or (caller.expires_at or 0) <= self._records.now():
            return None
        return caller if self._admits(caller.session) else None

    async def load_refresh(self, token: str) -> GrantRefreshToken | None:
        """The token if its family and session exist; `rotate` finds out whether it was used before."""
        stored = await self._families.find_family(token)
        if stored is None:
            return None
        session = await self._session(stored.user, stored.session_id)
        if session is None:
            return None
        return GrantRefreshToken(
            token=token,
            client_id=session.client_id,
            scopes=[*(session.scopes or ()), OFFLINE_ACCESS],
            expires_at=int(stored.expires_at),
            resource=stored.resource,
            subject=str(session.user),
            session=session,
        )

    async def rotate(self, presented: GrantRefreshToken, scopes: Iterable[str]) -> OAuthToken:
        """New tokens for the valid refresh token of a family, and for the previous one within a minute of its use.

        `scopes` narrow the access token, not the session. Raises LimitExceeded, and TokenError; any other refresh token
        that was used before ends the session.
        """
        session, family = presented.session, await self._families.find_family(presented.token)
        if family is None or not self._admits(session):
            raise TokenError("invalid_grant", "The grant has ended.")
        if self._families.use_of(presented.token, family) is TokenUse.LATER:
            raise await self._reused(session)
        if await self._records.count(f"refreshes of {session.id}", window_s=WINDOW_S) > MOST_REFRESHES:
            raise LimitExceeded("This client asks for tokens too often.", int(WINDOW_S))
        await self._record(AuditTag.GRANT_REFRESHED, session.user, {"session": session.id, "client": session.client_id})
        # Replaced last: if anything before fails, the presented token stays valid.
        successor = self._families.successor_of(presented.token)
        response = await self._token_response(session, _narrowed(session, scopes), successor)
        if await self._families.use_token(presented.token) is TokenUse.LATER:
            await self._records.delete_record(AccessRecord, SecretStr(response.access_token))
            raise await self._reused(session)
        return response

    def check_admitted(self, user: UserKey, account: str) -> None:
        """Raises TokenError for users who may not use this server."""
        try:
            self._admit(user, account)
        except SignInRefused as refused:
            raise TokenError("invalid_grant", refused.message) from None

    async def _token_response(
        self, session: Session, scopes: tuple[str, ...] | None, refresh: str | None
    ) -> OAuthToken:
        lifetime_s = int(min(self._settings.access_token_lifetime_s, max(0.0, self._sessions.seconds_left(session))))
        access = secrets.token_urlsafe(32)
        record = AccessRecord(
            user=_user(session),
            session_id=session.id,
            resource=self._settings.resource,
            scopes=scopes,
            expires_at=self._records.now() + lifetime_s,
        )
        await self._records.create_record(SecretStr(access), record)
        granted = (session.scopes or ()) if scopes is None else scopes
        return OAuthToken(access_token=access, expires_in=lifetime_s, scope=" ".join(granted), refresh_token=refresh)

    async def _load_caller(self, token: SecretStr, digest: str) -> CallerToken | None:
        verified_at = self._verified.now()
        stored = await self._records.read_record(AccessRecord, token)
        if stored is None or stored.resource != self._settings.resource:
            return None
        session = await self._session(stored.user, stored.session_id)
        if session is None:
            return None
        caller = self._caller(stored, session, digest)
        self._verified.add_token(digest, caller, verified_at=verified_at)
        return caller

    def _caller(self, record: AccessRecord, session: Session, digest: str) -> CallerToken:
        if record.scopes is not None:
            session = replace(session, scopes=tuple(scope for scope in record.scopes if session.allows(scope)))
        return CallerToken(
            # The digest in place of the token: nothing after this check needs the token itself.
            token=digest,
            client_id=session.client_id,
            scopes=list(session.scopes or ()),
            expires_at=int(record.expires_at),
            resource=record.resource,
            subject=str(record.user),
            claims={"iss": self._settings.issuer, "sid": session.id},
            session=session,
            is_narrowed=record.scopes is not None,
        )

    async def _session(self, user: UserKey, session_id: str) -> Session | None:
        try:
            return await self._sessions.find_session(user, session_id)
        except RecordBroken:
            return None

    def _admits(self, session: Session) -> bool:
        try:
            self._admit(_user(session), session.account)
        except SignInRefused:
            return False
        return True

    async def _reused(self, session: Session) -> TokenError:
        await self._sessions.end_session(_user(session), session.id)
        await self._record(
            AuditTag.GRANT_REFRESH_REUSED, session.user, {"session": session.id, "client": session.client_id}
        )
        return TokenError("invalid_grant", "The refresh token was used before; the grant has ended.")


def _narrowed(session: Session, scopes: Iterable[str]) -> tuple[str, ...] | None:
    """The scopes of the access token; None when they are all of the session's."""
    asked = known_scopes(scopes)
    return None if set(asked) >= set(session.scopes or ()) else asked


def _user(session: Session) -> UserKey:
    if session.user is None:
        raise ValueError("a session without a user has no tokens")
    return session.user
