"""Who is at the browser, and nothing more: no permission is asked for and no token kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from starlette.responses import Response

from outlook_mcp.oauth.id_token import Identity
from outlook_mcp.oauth.oauth_manager import BegunSignIn, OAuthManager, SignInWish
from outlook_mcp.web.pages.browser import Account, BrowserSessions
from outlook_mcp.web.pages.page import Visit
from outlook_mcp.web.pages.rendering import departure, redirect
from outlook_mcp.web.pages.upstream import Identification, UpstreamSignIns

SIGN_IN_PATH = "/sign-in"
SIGN_OUT_PATH = "/sign-out"


class IdentityProvider(Protocol):
    """Signs people in at their organisation."""

    async def begin(self, redirect_uri: str, *, login_hint: str | None = None) -> BegunSignIn:
        """A sign-in whose callback comes to `redirect_uri` within ten minutes, once."""

    async def finish(self, callback: Mapping[str, str]) -> Identity:
        """Who came back with these query parameters. Raises a SignInError that says what to do."""


class EntraIdentityProvider:
    """An `IdentityProvider`: the Microsoft account itself."""

    def __init__(self, manager: OAuthManager) -> None:
        self._manager = manager

    async def begin(self, redirect_uri: str, *, login_hint: str | None = None) -> BegunSignIn:
        wish = SignInWish(login_hint=login_hint, select_account=login_hint is None, keep=False)
        return await self._manager.begin(redirect_uri, wish)

    async def finish(self, callback: Mapping[str, str]) -> Identity:
        return await self._manager.identify(callback)


class SignInPages:
    """Signing in to our own pages, and out of them."""

    def __init__(
        self, callback: str, identities: IdentityProvider, upstream: UpstreamSignIns, browsers: BrowserSessions
    ) -> None:
        self._callback = callback
        self._identities = identities
        self._upstream = upstream
        self._browsers = browsers

    async def sign_in(self, visit: Visit) -> Response:
        """The form is about the page to come back to."""
        begun = await self._identities.begin(self._callback)
        await self._upstream.remember(begun.state, visit.browser, Identification(then=visit.about))
        return departure(begun.url)

    async def finish(self, visit: Visit, errand: Identification, callback: Mapping[str, str]) -> Response:
        identity = await self._identities.finish(callback)
        account = Account(user=identity.user, address=identity.address, display_name=identity.display_name)
        return await self.signed_in(visit, account, redirect(errand.then))

    async def signed_in(self, visit: Visit, account: Account, response: Response) -> Response:
        """`response`, with the cookie of a new session of the person who has just proved who they are."""
        return self._browsers.write(await self._browsers.sign_in(visit.browser, account), response)

    async def sign_out(self, visit: Visit) -> Response:
        browser = await self._browsers.sign_out(visit.browser)
        return self._browsers.write(browser, redirect(visit.about, status=303))
