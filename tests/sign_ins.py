"""Sign-ins: one that a test decides the end of, and one whose user is signed in to Microsoft already."""

from __future__ import annotations

from dataclasses import dataclass, field

import anyio
import anyio.to_thread

from outlook_mcp.app import App
from outlook_mcp.cli.demo import follow_redirects
from outlook_mcp.errors import SignInError
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.sign_in.oauth_manager import SignInRequest


async def sign_in(app: App, hint: str | None = None, *, owner: UserKey | None = None) -> Connection:
    """Signs the user of this address in, by default that of the configuration, as `login` does.

    Without its checks of the app registration.
    """
    request = SignInRequest(login_hint=hint or app.configuration.login_hint, owner=owner)
    started = await app.sign_ins.begin_for(request)
    await anyio.to_thread.run_sync(follow_redirects, started.url)
    return await started.wait()


@dataclass
class OneSignIn:
    """A sign-in at one address, which has `ended` or waits for ever, and what it was begun for."""

    ended: bool = False
    begun: list[SignInError] = field(default_factory=list)
    id: str = "sign-in"
    url: str = "https://login.example/begin"
    link: str = "https://login.example/b"

    async def begin_sign_in(self, needed: SignInError, account: str | None) -> OneSignIn:
        self.begun.append(needed)
        return self

    async def find_sign_in(self, sign_in_id: str) -> OneSignIn | None:
        return self if sign_in_id == self.id else None

    async def has_ended(self) -> bool:
        return self.ended

    async def wait(self) -> None:
        if not self.ended:
            await anyio.sleep_forever()
