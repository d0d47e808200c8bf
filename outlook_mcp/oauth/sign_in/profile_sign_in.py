"""Sign-ins for the local profile: whoever signs in becomes the user of this process."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from outlook_mcp.errors import ClaimsRequired, InvalidInput, SignInError
from outlook_mcp.identity.local_caller import LocalCaller
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.sign_in.oauth_manager import OAuthManager, SignInRequest
from outlook_mcp.oauth.sign_in.sign_in import SignIn

_MOST_REMEMBERED = 16


class ProfileSignIn:
    """Binds the profile when the sign-in ends, also when nobody waits for it any more."""

    def __init__(self, sign_in: SignIn, caller: LocalCaller) -> None:
        self.id = sign_in.id
        self.url = sign_in.url
        self.user_code = sign_in.user_code
        self.is_told = False
        self._sign_in = sign_in
        self._bound = asyncio.create_task(self._bind(caller))
        # A failure nobody waits for is not worth a warning.
        self._bound.add_done_callback(lambda task: None if task.cancelled() else task.exception() and None)

    async def has_ended(self) -> bool:
        """The person is back, whatever came of it."""
        return self._sign_in.done

    async def wait(self) -> Connection:
        """The mailbox that was connected; raises SignInError when the sign-in failed."""
        connection = await asyncio.shield(self._bound)
        self.is_told = True
        return connection

    async def _bind(self, caller: LocalCaller) -> Connection:
        connection = await self._sign_in.wait()
        await caller.signed_in(connection.owner)
        return connection


class ProfileSignIns:
    """At most one sign-in in a browser at a time, shared by every call that needs one."""

    def __init__(self, manager: OAuthManager, caller: LocalCaller, connections: OAuthIntegrationService) -> None:
        self._manager = manager
        self._caller = caller
        self._connections = connections
        self._known: OrderedDict[str, ProfileSignIn] = OrderedDict()

    async def find(self, id: str) -> ProfileSignIn | None:
        """A sign-in begun in this process, also one that has ended."""
        return self._known.get(id)

    async def begin(self, needed: SignInError, account: str | None = None) -> ProfileSignIn:
        """One that ended and whose outcome nobody heard yet, else the one under way, else a new one.

        Over stdio nothing but a sign-in can be `needed`. In the middle of a conversation only the user of the profile
        may sign in again, if there is one, and only to the mailbox of theirs that is called `account`, or the default.
        """
        for sign_in in self._known.values():
            if await sign_in.has_ended() and not sign_in.is_told:
                sign_in.is_told = True
                return sign_in
        session = await self._caller.session()
        mailbox = None if session.user is None else await self._meant(session.user, account)
        claims = needed.claims if isinstance(needed, ClaimsRequired) else None
        if mailbox is None or mailbox.mailbox == session.user:
            return await self.begin_for(SignInRequest(expected=session.user, claims=claims))
        hint = mailbox.address or None
        return await self.begin_for(
            SignInRequest(owner=session.user, expected=mailbox.mailbox, login_hint=hint, claims=claims)
        )

    async def _meant(self, user: UserKey, account: str | None) -> Connection | None:
        try:
            return await (
                self._connections.default_connection(user)
                if account is None
                else self._connections.connection_named(user, account)
            )
        except (SignInError, InvalidInput):
            return None

    async def begin_for(self, request: SignInRequest, *, device: bool = False) -> ProfileSignIn:
        """A sign-in with `request`; by a code on another device when `device`."""
        opened = await (self._manager.begin_device(request) if device else self._manager.begin_loopback(request))
        if opened.id not in self._known:
            self._known[opened.id] = ProfileSignIn(opened, self._caller)
        while len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)
        return self._known[opened.id]
