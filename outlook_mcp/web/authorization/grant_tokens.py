"""Access and refresh tokens of a grant: opaque, kept as digests, good only while their session is.

The refresh token is the handle of its family, which stays, and a secret, which every use replaces. So one record
tells every secret ever used from the present one, and a used one ends the session (RFC 9700, 4.14.2).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar, Protocol

from mcp.server.auth.provider import RefreshToken, TokenError
from mcp.shared.auth import OAuthToken
from pydantic import Field, SecretStr

from outlook_mcp.audit.personal import Personal
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import RecordBroken, SignInRefused
from outlook_mcp.identity.admission import Admit
from outlook_mcp.identity.scopes import OFFLINE_ACCESS, known_scopes
from outlook_mcp.identity.session import IDLE, Session, SessionService
from outlook_mcp.identity.user import UserKey
from outlook_mcp.web.authorization.grant_records import GrantRecord, GrantRecords
from outlook_mcp.web.caller import CallerToken
from outlook_mcp.web.settings import WebSettings
from outlook_mcp.web.verified_tokens import VerifiedTokens

_ACCESS_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_REFRESH_TOKEN = re.compile(r"([A-Za-z0-9_-]{43})\.[A-Za-z0-9_-]{43}")


class Record(Protocol):
    """Writes an audit event; raises AuditUnavailable when it cannot."""

    async def __call__(
        self, tag: AuditTag, user: UserKey | None = None, *, personal: Personal | None = None, **details: str
    ) -> None: ...


class AccessRecord(GrantRecord):
    """`scopes` is None where the token may do all that the session may."""

    kind: ClassVar[str] = "access_token"

    user: UserKey
    session_id: str
    resource: str
    scopes: tuple[str, ...] | None = None


class RefreshRecord(GrantRecord):
    """A family, under the digest of its handle; `present` is the digest of the one token that is good."""

    kind: ClassVar[str] = "refresh_token"

    user: UserKey
    session_id: str
    resource: str
    present: str


class GrantRefreshToken(RefreshToken):
    """A refresh token as the SDK's token endpoint wants it, with the session it belongs to."""

    token: str = Field(repr=False)
    session: Session


class GrantTokens:
    """`admit` raises SignInRefused for users who may not use this server (any more)."""

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
        self._sessions = sessions
        self._admit = admit
        self._record = record
        self._verified = VerifiedTokens() if verified is None else verified
        sessions.on_change(self._verified.forget)

    async def issue(self, session: Session, *, with_refresh: bool = True) -> OAuthToken:
        """The first tokens of a session."""
        refresh = _refresh_token(secrets.token_urlsafe(32)) if with_refresh else None
        if refresh is not None:
            await self._records.create(_family_handle(refresh), self._family(session, refresh))
        return await self._answer(session, None, refresh)

    async def verify(self, token: str) -> CallerToken | None:
        """The caller, None for anything but a good token of ours; StoreUnavailable when that cannot be known now."""
        if not _ACCESS_TOKEN.fullmatch(token):
            return None
        digest = self._records.digest(AccessRecord, SecretStr(token))
        caller = self._verified.get(digest) or await self._read(SecretStr(token), digest)
        if caller is None or (caller.expires_at or 0) <= self._records.now():
            return None
        return caller if self._admits(caller.session) else None

    async def load_refresh(self, token: str) -> GrantRefreshToken | None:
        """A token of a family that lives, be it used up or not; `rotate` tells."""
        shape = _REFRESH_TOKEN.fullmatch(token)
        kept = None if shape is None else await self._records.read(RefreshRecord, _family_handle(token))
        if kept is None or kept.record.resource != self._settings.resource:
            return None
        session = await self._session(kept.record.user, kept.record.session_id)
        if session is None:
            return None
        return GrantRefreshToken(
            token=token,
            client_id=session.client_id,
            scopes=[*(session.scopes or ()), OFFLINE_ACCESS],
            expires_at=int(kept.record.expires_at),
            resource=kept.record.resource,
            subject=str(session.user),
            session=session,
        )

    async def rotate(self, presented: GrantRefreshToken, scopes: Iterable[str]) -> OAuthToken:
        """New tokens for the present refresh token, to one caller; raises TokenError, and a used one ends the session.

        `scopes` narrow the access token, not the session.
        """
        session, family = presented.session, _family_handle(presented.token)
        kept = await self._records.read(RefreshRecord, family)
        if kept is None or not self._admits(session):
            raise TokenError("invalid_grant", "The grant has ended.")
        if not self._records.matches(RefreshRecord, SecretStr(presented.token), kept.record.present):
            raise await self._reused(session)
        await self._record(AuditTag.GRANT_REFRESHED, session.user, session=session.id, client=session.client_id)
        renewed = _refresh_token(family.get_secret_value())
        # The swap comes last: when anything before it fails, the token presented is still good.
        answer = await self._answer(session, _narrowed(session, scopes), renewed)
        if not await self._records.swap(family, self._family(session, renewed), kept.generation):
            await self._records.remove(AccessRecord, SecretStr(answer.access_token))
            raise await self._reused(session)
        return answer

    def check_admitted(self, user: UserKey, account: str) -> None:
        """Raises TokenError for users who may not use this server."""
        try:
            self._admit(user, account)
        except SignInRefused as refused:
            raise TokenError("invalid_grant", refused.message) from None

    async def _answer(self, session: Session, scopes: tuple[str, ...] | None, refresh: str | None) -> OAuthToken:
        lifetime_s = self._settings.access_token_lifetime_s
        access = secrets.token_urlsafe(32)
        record = AccessRecord(
            user=_user(session),
            session_id=session.id,
            resource=self._settings.resource,
            scopes=scopes,
            expires_at=self._records.now() + lifetime_s,
        )
        await self._records.create(SecretStr(access), record)
        granted = (session.scopes or ()) if scopes is None else scopes
        return OAuthToken(access_token=access, expires_in=lifetime_s, scope=" ".join(granted), refresh_token=refresh)

    async def _read(self, token: SecretStr, digest: str) -> CallerToken | None:
        read_at = self._verified.now()
        kept = await self._records.read(AccessRecord, token)
        if kept is None or kept.record.resource != self._settings.resource:
            return None
        session = await self._session(kept.record.user, kept.record.session_id)
        if session is None:
            return None
        caller = self._caller(kept.record, session, digest)
        self._verified.put(digest, caller, read_at=read_at)
        return caller

    def _caller(self, record: AccessRecord, session: Session, digest: str) -> CallerToken:
        if record.scopes is not None:
            session = replace(session, scopes=tuple(scope for scope in record.scopes if session.allows(scope)))
        return CallerToken(
            # Nobody behind the door needs the token itself.
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
            return await self._sessions.get(user, session_id)
        except RecordBroken:
            return None

    def _family(self, session: Session, token: str) -> RefreshRecord:
        return RefreshRecord(
            user=_user(session),
            session_id=session.id,
            resource=self._settings.resource,
            present=self._records.digest(RefreshRecord, SecretStr(token)),
            expires_at=self._records.now() + IDLE.total_seconds(),
        )

    def _admits(self, session: Session) -> bool:
        try:
            self._admit(_user(session), session.account)
        except SignInRefused:
            return False
        return True

    async def _reused(self, session: Session) -> TokenError:
        await self._sessions.end(_user(session), session.id)
        await self._record(AuditTag.GRANT_REFRESH_REUSED, session.user, session=session.id, client=session.client_id)
        return TokenError("invalid_grant", "The refresh token was used before; the grant has ended.")


def _refresh_token(family: str) -> str:
    return f"{family}.{secrets.token_urlsafe(32)}"


def _family_handle(token: str) -> SecretStr:
    return SecretStr(token.partition(".")[0])


def _narrowed(session: Session, scopes: Iterable[str]) -> tuple[str, ...] | None:
    """None for all that the session may do, as a client asks for that names no scopes."""
    asked = known_scopes(scopes)
    return None if set(asked) >= set(session.scopes or ()) else asked


def _user(session: Session) -> UserKey:
    if session.user is None:
        raise ValueError("a session nobody signed in to has no tokens")
    return session.user
