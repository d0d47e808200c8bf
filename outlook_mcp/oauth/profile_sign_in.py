"""Sign-ins for the local profile: whoever signs in becomes the user of this process."""

from __future__ import annotations

import asyncio

from outlook_mcp.identity.local_caller import LocalCaller
from outlook_mcp.oauth.connection import Connection
from outlook_mcp.oauth.oauth_manager import OAuthManager, SignInWish
from outlook_mcp.oauth.sign_in import SignIn


class ProfileSignIn:
    """Binds the profile when the sign-in ends, also when nobody waits for it any more."""

    def __init__(self, sign_in: SignIn, caller: LocalCaller) -> None:
        self.id = sign_in.id
        self.url = sign_in.url
        self.user_code = sign_in.user_code
        self._bound = asyncio.create_task(self._bind(sign_in, caller))
        # A failure nobody waits for is not worth a warning.
        self._bound.add_done_callback(lambda task: None if task.cancelled() else task.exception() and None)

    @property
    def done(self) -> bool:
        return self._bound.done()

    async def wait(self) -> Connection:
        """The mailbox that was connected; raises SignInError when the sign-in failed."""
        return await asyncio.shield(self._bound)

    async def _bind(self, sign_in: SignIn, caller: LocalCaller) -> Connection:
        connection = await sign_in.wait()
        await caller.signed_in(connection.owner)
        return connection


class ProfileSignIns:
    """At most one sign-in in a browser at a time, shared by every call that needs one."""

    def __init__(self, manager: OAuthManager, caller: LocalCaller) -> None:
        self._manager = manager
        self._caller = caller
        self._under_way: ProfileSignIn | None = None

    async def begin(self) -> ProfileSignIn:
        """In the middle of a conversation only the user of the profile may sign in again, if there is one."""
        session = await self._caller.session()
        return await self.begin_for(SignInWish(expected=session.user))

    async def begin_for(self, wish: SignInWish, *, device: bool = False) -> ProfileSignIn:
        """A sign-in with `wish`; by a code on another device when `device`."""
        opened = await (self._manager.begin_device(wish) if device else self._manager.begin_loopback(wish))
        if self._under_way is None or self._under_way.id != opened.id:
            self._under_way = ProfileSignIn(opened, self._caller)
        return self._under_way
