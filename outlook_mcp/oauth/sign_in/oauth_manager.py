"""Signs people in to Microsoft: from the address that the browser opens to the connected mailbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial

import anyio
from pydantic import SecretStr

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import SignInError, SignInRefused, SignInRequired
from outlook_mcp.identity.admission import Admission
from outlook_mcp.identity.user import Identity, UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.entra.device_code import DeviceCode
from outlook_mcp.oauth.entra.errors import sign_in_error
from outlook_mcp.oauth.entra.microsoft_provider import MicrosoftOAuthProvider
from outlook_mcp.oauth.entra.settings import IDENTITY_ALONE
from outlook_mcp.oauth.entra.token_answer import TokenAnswer
from outlook_mcp.oauth.security_service import CALLBACK_PATH, OAuthSecurityService
from outlook_mcp.oauth.sign_in.loopback import LoopbackListener
from outlook_mcp.oauth.sign_in.loopback_callback import LoopbackCallback
from outlook_mcp.oauth.sign_in.pending import LIFETIME_S, PendingSignIn, PendingSignIns, PendingSignInStore
from outlook_mcp.oauth.sign_in.sign_in import SignIn
from outlook_mcp.oauth.tokens.earlier_permissions import with_earlier_permissions
from outlook_mcp.vault.blocked_users import BlockedUsers

# Each has a listener or polls for a device code.
MOST_IN_PROGRESS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRequest:
    """What a sign-in asks for, and who may sign in.

    `scopes` are Graph permissions, None meaning the configured ones. `owner` is the user who gets the mailbox, None
    meaning the person who signs in; the caller that sets it has verified that the browser is the owner's. `expected` is
    the only person accepted, None meaning anybody. `claims` is a claims challenge to satisfy. `select_account` shows
    the list of accounts, to connect another mailbox. With `connects=False` the sign-in only identifies the person: it
    asks for no permission and stores no token.
    """

    scopes: tuple[str, ...] | None = None
    owner: UserKey | None = None
    expected: UserKey | None = None
    login_hint: str | None = None
    claims: str | None = None
    select_account: bool = False
    connects: bool = True

    @property
    def permissions(self) -> tuple[str, ...] | None:
        """The Graph permissions to ask for, None meaning the configured ones."""
        return self.scopes if self.connects else IDENTITY_ALONE


@dataclass(frozen=True, slots=True)
class BegunSignIn:
    """The browser opens `url`; the callback carries `state`."""

    url: str = field(repr=False)
    state: str = field(repr=False)


class OAuthManager:
    """Starts and completes sign-ins. A failed one raises a SignInError that says what the person can do."""

    def __init__(
        self,
        provider: MicrosoftOAuthProvider,
        connections: OAuthIntegrationService,
        security: OAuthSecurityService,
        audit: AuditLog,
        *,
        pending: PendingSignInStore | None = None,
        admission: Admission | None = None,
        blocked: BlockedUsers | None = None,
    ) -> None:
        self._provider = provider
        self._connections = connections
        self._security = security
        self._audit = audit
        self._pending = pending or PendingSignIns()
        self._admission = admission or Admission()
        self._blocked = blocked
        # A dict and not a cache of a library, which would drop a sign-in without cancelling it.
        self._in_progress: dict[tuple[str, SignInRequest], SignIn] = {}
        self._opening = anyio.Lock()

    async def check_app(self, request: SignInRequest = SignInRequest()) -> None:
        """Raises the SignInError that anybody would meet in a browser on this machine, such as a wrong client id."""
        redirect_uri = f"http://{self._provider.settings.redirect_host}{CALLBACK_PATH}"
        secrets = self._security.new_secrets()
        asked = self._with_settings(request).permissions
        await self._provider.check_app(secrets, redirect_uri=redirect_uri, scopes=asked)

    async def begin_sign_in(self, redirect_uri: str, request: SignInRequest = SignInRequest()) -> BegunSignIn:
        """Starts a sign-in; one callback to `redirect_uri` within ten minutes completes it."""
        redirect_uri, request = self._security.check_redirect(redirect_uri), self._with_settings(request)
        secrets = self._security.new_secrets()
        url = await self._provider.authorize_url(
            secrets,
            redirect_uri=redirect_uri,
            scopes=request.permissions,
            login_hint=request.login_hint,
            claims=request.claims,
            select_account=request.select_account,
        )
        self._security.check_browser_url(url)
        await self._pending.store_sign_in(
            PendingSignIn(secrets, redirect_uri, request.permissions, request.owner, request.expected, request.connects)
        )
        # Anybody may begin one at a page, which tells nothing and could fill the log.
        if person := request.owner or request.expected:
            await self._audit.record(AuditTag.SIGN_IN_STARTED, person)
        return BegunSignIn(url, secrets.state)

    async def complete_sign_in(self, callback: Mapping[str, str], *, is_local: bool = False) -> Connection:
        """The mailbox that a callback with these query parameters connects.

        Raises SignInError. The caller puts that on record where it is not known who signs in, as for `identify`, unless
        `is_local`: then the callback came to this machine.
        """
        pending = await self._take_pending(callback, connects=True)
        person = pending.owner or pending.expected
        async with self._failures_recorded(person) if person or is_local else nullcontext():
            answer = await self._redeem(pending, callback)
            return await self._connect(answer, pending, nonce=pending.secrets.nonce)

    async def identify(self, callback: Mapping[str, str]) -> Identity:
        """The person of a callback with these query parameters, of a sign-in started with `connects=False`.

        Raises SignInError. The caller puts that on record, since anybody may come to a page and fail.
        """
        pending = await self._take_pending(callback, connects=False)
        answer = await self._redeem(pending, callback)
        return await self._identity(answer, pending, nonce=pending.secrets.nonce)

    async def cancel_sign_in(self, state: str) -> None:
        """Ends a sign-in that is no longer wanted; its callback will be refused."""
        await self._pending.take_sign_in(state)

    async def begin_loopback(self, request: SignInRequest = SignInRequest()) -> SignIn:
        """A sign-in in a browser on this machine: the one in progress for the same request, else a new one."""
        return await self._shared("browser", request, self._open_loopback)

    async def begin_device(self, request: SignInRequest = SignInRequest()) -> SignIn:
        """A sign-in by a code on any device: the one in progress for the same request, else a new one."""
        return await self._shared("device", request, self._open_device)

    async def aclose(self) -> None:
        """Ends every sign-in in progress."""
        for sign_in in tuple(self._in_progress.values()):
            await sign_in.cancel()
        self._in_progress.clear()

    async def _shared(
        self, kind: str, request: SignInRequest, open_sign_in: Callable[[SignInRequest], Awaitable[SignIn]]
    ) -> SignIn:
        if not request.connects:
            raise ValueError("a sign-in that ends in this process connects a mailbox")
        async with self._opening:
            for key in [key for key, other in self._in_progress.items() if other.done]:
                del self._in_progress[key]
            sign_in: SignIn | None = self._in_progress.get((kind, request))
            if sign_in is None:
                while len(self._in_progress) >= MOST_IN_PROGRESS:
                    await self._in_progress.pop(next(iter(self._in_progress))).cancel()
                sign_in = self._in_progress[kind, request] = await open_sign_in(request)
            return sign_in

    async def _open_loopback(self, request: SignInRequest) -> SignIn:
        callback = LoopbackCallback(partial(self.complete_sign_in, is_local=True))
        listener = await LoopbackListener.listen(self._provider.settings.redirect_host, callback.receive)
        try:
            begun = await self.begin_sign_in(listener.redirect_uri, request)
        except BaseException:
            await listener.aclose()
            raise
        callback.state = begun.state
        link = listener.short_link(begun.url)
        return SignIn(begun.url, self._await_callback(listener, callback), link=link)

    async def _await_callback(self, listener: LoopbackListener, callback: LoopbackCallback) -> Connection:
        try:
            with anyio.fail_after(LIFETIME_S):
                return await callback.wait()
        except TimeoutError:
            raise SignInRequired(f"Nobody signed in within {LIFETIME_S / 60:.0f} minutes.") from None
        finally:
            await self.cancel_sign_in(callback.state)
            await listener.aclose()

    async def _open_device(self, request: SignInRequest) -> SignIn:
        request = self._with_settings(request)
        code = await self._provider.start_device(request.scopes)
        url = self._security.check_browser_url(code.verification_uri)
        await self._audit.record(AuditTag.SIGN_IN_STARTED, request.owner or request.expected)
        return SignIn(url, self._await_device(code, request), user_code=code.user_code)

    async def _await_device(self, code: DeviceCode, request: SignInRequest) -> Connection:
        async with self._failures_recorded(request.owner or request.expected):
            answer = await self._provider.finish_device(code, request.scopes)
            return await self._connect(answer, request, nonce=None)

    def _with_settings(self, request: SignInRequest) -> SignInRequest:
        """With the permissions that the settings add; the configured ones (None) have them already."""
        if request.scopes is None:
            return request
        return replace(request, scopes=self._provider.settings.with_options(request.scopes))

    async def _take_pending(self, callback: Mapping[str, str], *, connects: bool) -> PendingSignIn:
        pending = await self._pending.take_sign_in(callback.get("state", ""))
        if pending is None or pending.connects is not connects:
            await self._audit.record(AuditTag.STATE_REJECTED)
            raise SignInRefused("This sign-in is not known, was used already or has expired.")
        return pending

    async def _redeem(self, pending: PendingSignIn, callback: Mapping[str, str]) -> TokenAnswer:
        if "error" in callback:
            raise sign_in_error(callback, scopes=pending.scopes or self._provider.settings.scopes)
        return await self._provider.exchange_code(
            SecretStr(callback.get("code", "")),
            redirect_uri=pending.redirect_uri,
            code_verifier=pending.secrets.code_verifier,
            scopes=pending.scopes,
        )

    async def _identity(
        self, answer: TokenAnswer, request: SignInRequest | PendingSignIn, *, nonce: SecretStr | None
    ) -> Identity:
        """Who signed in. Raises SignInRefused unless they are the person expected and may use this server."""
        identity = await self._provider.identify(answer, nonce=nonce)
        if request.expected is not None and identity.user != request.expected:
            raise SignInRefused(
                "Another account signed in than the one that was asked for.",
                next_step="Start the sign-in again and choose the right account.",
            )
        if self._blocked is not None:
            await self._blocked.refuse_blocked(identity.user, identity.address)
            if request.owner is not None:
                await self._blocked.refuse_blocked(request.owner, "")
        if request.owner in (None, identity.user):
            self._admission.check_user(identity.user, identity.address)
        else:
            self._admission.check_mailbox(identity.user, identity.address)
        return identity

    async def _connect(
        self, answer: TokenAnswer, request: SignInRequest | PendingSignIn, *, nonce: SecretStr | None
    ) -> Connection:
        identity = await self._identity(answer, request, nonce=nonce)
        scopes = self._provider.settings.scopes if request.scopes is None else request.scopes
        before = await self._connections.requested_permissions(request.owner or identity.user, identity.user)
        answer, scopes = await with_earlier_permissions(self._provider, identity, answer, scopes, before)
        return await self._connections.connect(identity, answer, scopes=scopes, owner=request.owner)

    @asynccontextmanager
    async def _failures_recorded(self, user: UserKey | None) -> AsyncIterator[None]:
        try:
            yield
        except SignInError as error:
            await self._audit.record(AuditTag.SIGN_IN_FAILED, user, {"reason": error.code})
            raise
