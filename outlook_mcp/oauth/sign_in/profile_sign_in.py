"""Sign-ins over stdio: the person who signs in becomes the user of the local profile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cachetools import FIFOCache

from outlook_mcp.errors import ClaimsRequired, InvalidInput, SignInError, SignInRefused
from outlook_mcp.identity.local_caller import LocalCaller
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.tasks import result_of, start_task
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.sign_in.oauth_manager import OAuthManager, SignInRequest
from outlook_mcp.oauth.sign_in.sign_in import SignIn

_MOST_SIGN_INS = 16
# Whether the owner of the new mailbox becomes the user of the profile in the place of this one.
MayReplace = Callable[[UserKey, Connection], Awaitable[bool]]


class ProfileSignIn:
    """A sign-in that binds the profile to its user when it ends, whether or not somebody waits for it.

    When the profile has another user, `may_replace` is asked first, with that user and the new mailbox. Mailboxes of
    whoever is the user of no profile afterwards are disconnected, because no command would show them.
    `is_reported` is True once a caller has seen the outcome.
    """

    def __init__(
        self, sign_in: SignIn, caller: LocalCaller, connections: OAuthIntegrationService, may_replace: MayReplace
    ) -> None:
        self.id = sign_in.id
        self.url = sign_in.url
        self.link = sign_in.link
        self.user_code = sign_in.user_code
        self.is_reported = False
        self._sign_in = sign_in
        self._caller = caller
        self._connections = connections
        self._may_replace = may_replace
        self._bound = start_task(self._bind())

    async def has_ended(self) -> bool:
        """Whether the sign-in has succeeded or failed."""
        return self._sign_in.done

    async def wait(self) -> Connection:
        """The mailbox that was connected. Raises SignInError when the sign-in failed."""
        connection = await result_of(self._bound)
        self.is_reported = True
        return connection

    async def _bind(self) -> Connection:
        connection = await self._sign_in.wait()
        before = (await self._caller.session()).user
        if before is None or before == connection.owner:
            await self._caller.bind_user(connection.owner)
            return connection
        if not await self._may_replace(before, connection):
            if not await self._caller.other_profiles_of(connection.owner):
                await self._connections.disconnect(connection.owner, connection.id)
            raise SignInRefused(
                f"The profile {self._caller.profile!r} stays with the account that it had.",
                next_step="Sign in under another one with --profile NAME, or replace the account with --replace.",
            )
        await self._caller.bind_user(connection.owner)
        if not await self._caller.other_profiles_of(before):
            await self._connections.disconnect_all(before)
        return connection


async def _never(_: UserKey, __: Connection) -> bool:
    return False


class ProfileSignIns:
    """The sign-ins of this process. All calls that need the same one share it."""

    def __init__(self, manager: OAuthManager, caller: LocalCaller, connections: OAuthIntegrationService) -> None:
        self._manager = manager
        self._caller = caller
        self._connections = connections
        self._sign_ins: FIFOCache[str, ProfileSignIn] = FIFOCache(_MOST_SIGN_INS)

    async def find_sign_in(self, sign_in_id: str) -> ProfileSignIn | None:
        """The sign-in of this id, also one that has ended; None when this process has not started it."""
        return self._sign_ins.get(sign_in_id)

    async def begin_sign_in(self, needed: SignInError, account: str | None = None) -> ProfileSignIn:
        """A sign-in that has ended and was not reported yet, else the one in progress, else a new one.

        `needed` is the error of the call that needs it. If the profile has a user, only that user may sign in, and only
        to their mailbox called `account`, by default the default one.
        """
        for sign_in in self._sign_ins.values():
            if await sign_in.has_ended() and not sign_in.is_reported:
                sign_in.is_reported = True
                return sign_in
        session = await self._caller.session()
        connection = None if session.user is None else await self._connection_of(session.user, account)
        claims = needed.claims if isinstance(needed, ClaimsRequired) else None
        if connection is None or connection.is_own:
            return await self.begin_for(SignInRequest(expected=session.user, claims=claims))
        hint = connection.address or None
        return await self.begin_for(
            SignInRequest(owner=session.user, expected=connection.mailbox, login_hint=hint, claims=claims)
        )

    async def _connection_of(self, user: UserKey, account: str | None) -> Connection | None:
        try:
            return await (
                self._connections.default_connection(user)
                if account is None
                else self._connections.connection_named(user, account)
            )
        except (SignInError, InvalidInput):
            return None

    async def check_app(self, request: SignInRequest) -> None:
        """Raises the SignInError that anybody would meet who signs in; see `OAuthManager.check_app`."""
        await self._manager.check_app(request)

    async def begin_for(
        self, request: SignInRequest, *, device: bool = False, may_replace: MayReplace = _never
    ) -> ProfileSignIn:
        """A sign-in for `request`, in a browser on this machine or, with `device`, by a code on any device."""
        opened = await (self._manager.begin_device(request) if device else self._manager.begin_loopback(request))
        if opened.id not in self._sign_ins:
            self._sign_ins[opened.id] = ProfileSignIn(opened, self._caller, self._connections, may_replace)
        return self._sign_ins[opened.id]
