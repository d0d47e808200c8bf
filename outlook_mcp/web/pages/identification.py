"""Who is at the browser, and nothing more: no permission is asked for and no token kept."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Protocol

from starlette.responses import Response

from outlook_mcp.identity.user import Kind
from outlook_mcp.oauth.entra.id_token import Identity
from outlook_mcp.oauth.sign_in.oauth_manager import BegunSignIn, OAuthManager, SignInRequest
from outlook_mcp.web.pages.browser import Account, BrowserSessions
from outlook_mcp.web.pages.page import Refusal, Visit
from outlook_mcp.web.pages.rendering import departure, redirect
from outlook_mcp.web.pages.upstream import Identification, UpstreamSignIns

SIGN_IN_PATH = "/sign-in"
SIGN_OUT_PATH = "/sign-out"


class IdentityProvider(Protocol):
    """Signs people in at their organisation; `name` is what it is called on a button."""

    @property
    def name(self) -> str: ...

    async def begin(self, redirect_uri: str, *, login_hint: str | None = None) -> BegunSignIn:
        """A sign-in whose callback comes to `redirect_uri` within ten minutes, once."""

    async def finish(self, callback: Mapping[str, str]) -> Identity:
        """Who came back with these query parameters. Raises a SignInError that says what to do."""


# By whom they know: the people of Entra ID, or those of another issuer.
IdentityProviders = Mapping[Kind, IdentityProvider]


class EntraIdentityProvider:
    """An `IdentityProvider`: the Microsoft account itself."""

    name = "Microsoft"

    def __init__(self, manager: OAuthManager) -> None:
        self._manager = manager

    async def begin(self, redirect_uri: str, *, login_hint: str | None = None) -> BegunSignIn:
        request = SignInRequest(login_hint=login_hint, select_account=login_hint is None, keep=False)
        return await self._manager.begin(redirect_uri, request)

    async def finish(self, callback: Mapping[str, str]) -> Identity:
        return await self._manager.identify(callback)


class SignInPages:
    """Signing in to our own pages, and out of them."""

    def __init__(
        self, callback: str, identities: IdentityProviders, upstream: UpstreamSignIns, browsers: BrowserSessions
    ) -> None:
        self._callback = callback
        self._identities = identities
        self._upstream = upstream
        self._browsers = browsers

    async def sign_in(self, visit: Visit) -> Response:
        """The form is about the page to come back to; its button says whose provider is asked."""
        people = self._asked(visit)
        begun = await self._identities[people].begin(self._callback)
        await self._upstream.remember(begun.state, visit.browser, Identification(then=visit.about, people=people))
        return departure(begun.url)

    async def finish(self, visit: Visit, purpose: Identification, callback: Mapping[str, str]) -> Response:
        identity = await self._identities[purpose.people].finish(callback)
        account = Account(user=identity.user, address=identity.address, display_name=identity.display_name)
        return await self.signed_in(visit, account, redirect(purpose.then))

    async def signed_in(self, visit: Visit, account: Account, response: Response) -> Response:
        """`response`, with the cookie of a new session of the person who has just proved who they are."""
        return self._browsers.write(await self._browsers.sign_in(visit.browser, account), response)

    async def sign_out(self, visit: Visit) -> Response:
        browser = await self._browsers.sign_out(visit.browser)
        return self._browsers.write(browser, redirect(visit.about, status=303))

    def _asked(self, visit: Visit) -> Kind:
        for people in self._identities:
            if visit.form.get("people") == people:
                return people
        raise Refusal(HTTPStatus.BAD_REQUEST, "This form cannot be read", "Nobody was signed in.")
