"""`/consent`: the user allows or refuses a client, at every authorization request, before signing in to Microsoft."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from pydantic import SecretStr
from starlette.responses import Response

from outlook_mcp.answers.remedies import Audience, explanation, words_for
from outlook_mcp.errors import AdministratorRequired, Remedy, SignInError, SignInRefused
from outlook_mcp.identity.scopes import graph_permissions
from outlook_mcp.oauth.sign_in.oauth_manager import OAuthManager, SignInRequest
from outlook_mcp.web.pages.browser import Account
from outlook_mcp.web.pages.consent_request import ConsentRequest, ConsentRequests
from outlook_mcp.web.pages.failed_sign_ins import log_failed_sign_in
from outlook_mcp.web.pages.page import PageRequest, Refusal, refusal_for
from outlook_mcp.web.pages.rendering import checked_destination, forwarding_page, redirect
from outlook_mcp.web.pages.sign_in import SignInPages
from outlook_mcp.web.pages.started_sign_ins import ConsentSignIn, StartedSignIns
from outlook_mcp.web.pages.wording import destination_of, display_text
from outlook_mcp.web.settings import CONSENT_PATH

_ANOTHER_BROWSER: Final = (
    HTTPStatus.FORBIDDEN,
    "This request belongs to another browser",
    "It was decided in another browser first, so it cannot be decided here.",
)
_CONNECT_HERE = "Connect again from your app on this computer. If somebody sent you this link, close this page."


class ConsentPage:
    """A form that carries the authorization request, sealed: nothing of it is stored before the user decides."""

    def __init__(
        self,
        callback: str,
        requests: ConsentRequests,
        manager: OAuthManager,
        started: StartedSignIns,
        sign_ins: SignInPages,
    ) -> None:
        self._callback = callback
        self._requests = requests
        self._manager = manager
        self._started = started
        self._sign_ins = sign_ins

    async def show_consent(self, request: PageRequest) -> Response:
        handle = request.query_value("request")
        consent = await self._pending_request(handle)
        if await self._requests.belongs_to_another(SecretStr(handle), request.browser_digest):
            raise Refusal(*_ANOTHER_BROWSER, next_step=_CONNECT_HERE)
        return request.render(
            "consent.html",
            handle=handle,
            client=consent,
            # The client_id of a client with a metadata document is the address of that document.
            client_site=destination_of(consent.client_id),
            destination=destination_of(consent.redirect_uri),
            expected_account=display_text(_suggested_person(consent, request)),
        )

    async def decide(self, request: PageRequest) -> Response:
        handle, decision = request.form_subject, request.form.get("decision")
        consent = await self._own_request(request, handle)
        if decision == "refuse":
            return forwarding_page(await self._refuse(request, handle, "The user refused."))
        if decision not in ("allow", "allow_other"):
            raise Refusal(HTTPStatus.BAD_REQUEST, "This form cannot be read", "Nothing was changed.")
        sign_in = _sign_in_request(consent, request, other_account=decision == "allow_other")
        begun = await self._manager.begin_sign_in(self._callback, sign_in)
        await self._started.store_sign_in(begun.state, request.browser, ConsentSignIn(request=handle))
        return forwarding_page(begun.url)

    async def finish(self, request: PageRequest, purpose: ConsentSignIn, callback: Mapping[str, str]) -> Response:
        """Completes the Microsoft sign-in of a user who allowed the client, and sends the client its code."""
        consent = await self._own_request(request, purpose.request)
        try:
            connection = await self._manager.complete_sign_in(callback)
        except SignInError as error:
            log_failed_sign_in(
                error,
                person=_suggested_person(consent, request),
                client=consent.client_name,
                client_id=consent.client_id,
            )
            if _microsoft_account(request) is None:
                await self._sign_ins.record_failure(request, error)
            is_declined = callback.get("error") == "access_denied"
            return await self._after_failure(request, purpose, consent, error, is_declined=is_declined)
        url = await self._requests.approve(
            SecretStr(purpose.request),
            browser=request.browser_digest,
            user=connection.mailbox,
            account=connection.address,
            address=request.address,
        )
        account = Account(user=connection.mailbox, address=connection.address, display_name=connection.display_name)
        return await self._sign_ins.signed_in(request, account, redirect(url))

    async def _pending_request(self, handle: str) -> ConsentRequest:
        """The authorization request. Raises Refusal when it has ended."""
        consent = await self._requests.pending_request(SecretStr(handle))
        if consent is None:
            raise Refusal(
                HTTPStatus.GONE,
                "This request is no longer valid",
                "It was decided already, or it is older than ten minutes.",
                next_step=words_for(Remedy.CONNECT_AGAIN, Audience.WEB_PAGE),
            )
        return consent

    async def _own_request(self, request: PageRequest, handle: str) -> ConsentRequest:
        """The authorization request, which belongs to this browser from now on. Raises Refusal."""
        consent = await self._pending_request(handle)
        if not await self._requests.bind(SecretStr(handle), request.browser_digest):
            raise Refusal(*_ANOTHER_BROWSER, next_step=_CONNECT_HERE)
        return consent

    async def _after_failure(
        self,
        request: PageRequest,
        purpose: ConsentSignIn,
        consent: ConsentRequest,
        error: SignInError,
        *,
        is_declined: bool,
    ) -> Response:
        """Sends the client `access_denied` when the user declined; else raises a Refusal the user can act on."""
        if is_declined and isinstance(error, SignInRefused):
            return redirect(await self._refuse(request, purpose.request, "The user declined at Microsoft."))
        if isinstance(error, AdministratorRequired):
            url = await self._refuse(request, purpose.request, explanation(error, Audience.WEB_PAGE))
            link = (checked_destination(url), f"Go back to {display_text(consent.client_name) or 'your app'}")
        else:
            link = (f"{CONSENT_PATH}?{urlencode({'request': purpose.request})}", "Try again")
        raise refusal_for(error, title="You are not signed in", link=link) from error

    async def _refuse(self, request: PageRequest, handle: str, description: str) -> str:
        return await self._requests.refuse(
            SecretStr(handle),
            browser=request.browser_digest,
            error="access_denied",
            description=description,
            address=request.address,
        )


def _sign_in_request(consent: ConsentRequest, request: PageRequest, *, other_account: bool) -> SignInRequest:
    """Only the account that the page showed may sign in; any account when the user asked for another one.

    An account that only the client named (`login_hint`) is suggested, not required.
    """
    scopes, account = graph_permissions(consent.scopes), _microsoft_account(request)
    if other_account:
        return SignInRequest(scopes=scopes, select_account=True)
    if account is not None:
        return SignInRequest(scopes=scopes, expected=account.user, login_hint=account.address or None)
    return SignInRequest(scopes=scopes, login_hint=consent.login_hint)


def _suggested_person(consent: ConsentRequest, request: PageRequest) -> str:
    """Who is signed in at the browser, else whom the client named; "" when nobody is known."""
    account = _microsoft_account(request)
    return account.name if account else consent.login_hint or ""


def _microsoft_account(request: PageRequest) -> Account | None:
    """Who is signed in at the browser, if that is a Microsoft account."""
    account = request.browser.account
    return account if account is not None and account.user.kind == "entra" else None
