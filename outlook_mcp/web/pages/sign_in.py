"""Signing in to our own pages: only who the user is; no permission is asked for and no token is stored."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Protocol

from starlette.responses import Response

from outlook_mcp.audit.denials import Denials
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import SignInError
from outlook_mcp.identity.user import Identity, Kind
from outlook_mcp.oauth.sign_in.oauth_manager import BegunSignIn, OAuthManager, SignInRequest
from outlook_mcp.web.pages.browser import Account, BrowserSessions
from outlook_mcp.web.pages.failed_sign_ins import log_failed_sign_in
from outlook_mcp.web.pages.page import PageRequest, Refusal
from outlook_mcp.web.pages.rendering import forwarding_page, redirect
from outlook_mcp.web.pages.started_sign_ins import PageSignIn, StartedSignIns

SIGN_IN_PATH = "/sign-in"
SIGN_OUT_PATH = "/sign-out"


class IdentityProvider(Protocol):
    """Signs users in where their organisation does; `name` stands on the button."""

    @property
    def name(self) -> str: ...

    async def begin_sign_in(self, redirect_uri: str, *, login_hint: str | None = None) -> BegunSignIn:
        """A sign-in whose callback must come to `redirect_uri` within ten minutes, once."""

    async def finish(self, callback: Mapping[str, str]) -> Identity:
        """Who signed in, from the query parameters of the callback. Raises SignInError."""


# By the kind of users that they know: users of Entra ID, or users of another issuer.
IdentityProviders = Mapping[Kind, IdentityProvider]


class EntraIdentityProvider:
    """An `IdentityProvider`: Microsoft Entra ID."""

    name = "Microsoft"

    def __init__(self, manager: OAuthManager) -> None:
        self._manager = manager

    async def begin_sign_in(self, redirect_uri: str, *, login_hint: str | None = None) -> BegunSignIn:
        request = SignInRequest(login_hint=login_hint, select_account=login_hint is None, connects=False)
        return await self._manager.begin_sign_in(redirect_uri, request)

    async def finish(self, callback: Mapping[str, str]) -> Identity:
        return await self._manager.identify(callback)


class SignInPages:
    """`/sign-in` and `/sign-out`. Both forms carry the path of the page to return to."""

    def __init__(
        self,
        callback: str,
        identities: IdentityProviders,
        started: StartedSignIns,
        browsers: BrowserSessions,
        denials: Denials,
    ) -> None:
        self._callback = callback
        self._identities = identities
        self._started = started
        self._browsers = browsers
        self._denials = denials

    async def sign_in(self, request: PageRequest) -> Response:
        """Sends the browser to the identity provider that the button named."""
        user_kind = self._chosen_user_kind(request)
        begun = await self._identities[user_kind].begin_sign_in(self._callback)
        purpose = PageSignIn(return_to=request.form_subject, user_kind=user_kind)
        await self._started.store_sign_in(begun.state, request.browser, purpose)
        return forwarding_page(begun.url)

    async def finish(self, request: PageRequest, purpose: PageSignIn, callback: Mapping[str, str]) -> Response:
        try:
            identity = await self._identities[purpose.user_kind].finish(callback)
        except SignInError as error:
            person = request.browser.account.name if request.browser.account else ""
            log_failed_sign_in(error, person=person, client="account page")
            await self.record_failure(request, error)
            raise
        account = Account(user=identity.user, address=identity.address, display_name=identity.display_name)
        return await self.signed_in(request, account, redirect(purpose.return_to))

    async def record_failure(self, request: PageRequest, error: SignInError) -> None:
        """Puts a sign-in on record that failed before it was known who signs in."""
        await self._denials.record_denial(AuditTag.SIGN_IN_REFUSED, request.address, {"reason": error.code})

    async def signed_in(self, request: PageRequest, account: Account, response: Response) -> Response:
        """`response`, with the cookie of a new browser session of `account`, who has just signed in."""
        return self._browsers.set_cookies(await self._browsers.sign_in(request.browser, account), response)

    async def sign_out(self, request: PageRequest) -> Response:
        browser = await self._browsers.sign_out(request.browser)
        return self._browsers.set_cookies(browser, redirect(request.form_subject, status=303))

    def _chosen_user_kind(self, request: PageRequest) -> Kind:
        for user_kind in self._identities:
            if request.form.get("people") == user_kind:
                return user_kind
        raise Refusal(HTTPStatus.BAD_REQUEST, "This form cannot be read", "Nobody was signed in.")
