"""Whether a client may act for a person: asked every time, before anybody is sent to Microsoft."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from pydantic import SecretStr
from starlette.responses import Response

from outlook_mcp.errors import AdministratorRequired, SignInError, SignInRefused
from outlook_mcp.identity.scopes import graph_permissions
from outlook_mcp.oauth.sign_in.oauth_manager import OAuthManager, SignInRequest
from outlook_mcp.web.pages.browser import Account
from outlook_mcp.web.pages.consent_request import ConsentRequest, ConsentRequests
from outlook_mcp.web.pages.identification import SignInPages
from outlook_mcp.web.pages.page import Refusal, Visit, explained
from outlook_mcp.web.pages.rendering import checked_destination, departure, redirect
from outlook_mcp.web.pages.upstream import Consent, UpstreamSignIns
from outlook_mcp.web.pages.wording import place_of, shown
from outlook_mcp.web.settings import CONSENT_PATH


class ConsentPage:
    """The form is about the handle of the authorization request."""

    def __init__(
        self,
        callback: str,
        requests: ConsentRequests,
        manager: OAuthManager,
        upstream: UpstreamSignIns,
        sign_ins: SignInPages,
    ) -> None:
        self._callback = callback
        self._requests = requests
        self._manager = manager
        self._upstream = upstream
        self._sign_ins = sign_ins

    async def show(self, visit: Visit) -> Response:
        handle = visit.asked("request")
        asked = await self._asked(visit, handle)
        account = _account(visit)
        return visit.render(
            "consent.html",
            handle=handle,
            client=asked,
            # A client_id of a metadata document is the address of that document.
            client_host=place_of(asked.client_id).host if asked.client_kind == "document" else "",
            place=place_of(asked.redirect_uri),
            wanted=shown(account.name if account else asked.login_hint or ""),
        )

    async def decide(self, visit: Visit) -> Response:
        handle, decision = visit.about, visit.form.get("decision")
        asked = await self._asked(visit, handle)
        if decision == "refuse":
            return departure(await self._refused(visit, handle, "The user refused."))
        if decision not in ("allow", "allow_other"):
            raise Refusal(HTTPStatus.BAD_REQUEST, "This form cannot be read", "Nothing was changed.")
        begun = await self._manager.begin(self._callback, _wish(asked, visit, is_other=decision == "allow_other"))
        await self._upstream.remember(begun.state, visit.browser, Consent(request=handle))
        return departure(begun.url)

    async def finish(self, visit: Visit, purpose: Consent, callback: Mapping[str, str]) -> Response:
        """The browser that allowed the client is back from Microsoft."""
        asked = await self._asked(visit, purpose.request)
        try:
            connection = await self._manager.complete(callback)
        except SignInError as error:
            return await self._failed(
                visit, purpose, asked, error, is_declined=callback.get("error") == "access_denied"
            )
        url = await self._requests.approve(
            SecretStr(purpose.request),
            browser=visit.owner,
            user=connection.mailbox,
            account=connection.address,
            address=visit.address,
        )
        account = Account(user=connection.mailbox, address=connection.address, display_name=connection.display_name)
        return await self._sign_ins.signed_in(visit, account, redirect(url))

    async def _asked(self, visit: Visit, handle: str) -> ConsentRequest:
        """The request of this handle, when it is this browser's."""
        asked = await self._requests.request(SecretStr(handle))
        if asked is None:
            raise Refusal(
                HTTPStatus.GONE,
                "This request has ended",
                "It was decided already, or ten minutes have passed.",
                next_step="Go back to your app and connect again.",
            )
        if not await self._requests.bind(SecretStr(handle), visit.owner):
            raise Refusal(
                HTTPStatus.FORBIDDEN,
                "This request belongs to another browser",
                "It was opened elsewhere first, so it cannot be decided here.",
                next_step="Connect again from your app on this computer. If somebody sent you this address, close it.",
            )
        return asked

    async def _failed(
        self, visit: Visit, purpose: Consent, asked: ConsentRequest, error: SignInError, *, is_declined: bool
    ) -> Response:
        """A no goes back to the client; for the rest the person can do something."""
        if is_declined and isinstance(error, SignInRefused):
            return redirect(await self._refused(visit, purpose.request, "The user declined at Microsoft."))
        if isinstance(error, AdministratorRequired):
            url = await self._refused(visit, purpose.request, str(error))
            back = (checked_destination(url), f"Go back to {shown(asked.client_name) or 'your app'}")
        else:
            back = (f"{CONSENT_PATH}?{urlencode({'request': purpose.request})}", "Try again")
        raise explained(error, title="You are not signed in", link=back) from error

    async def _refused(self, visit: Visit, handle: str, description: str) -> str:
        return await self._requests.refuse(
            SecretStr(handle), browser=visit.owner, error="access_denied", description=description
        )


def _wish(asked: ConsentRequest, visit: Visit, *, is_other: bool) -> SignInRequest:
    """The account the page named is the only one accepted, unless the person said otherwise or a client named it."""
    scopes, account = graph_permissions(asked.scopes), _account(visit)
    if is_other:
        return SignInRequest(scopes=scopes, select_account=True)
    if account is not None:
        return SignInRequest(scopes=scopes, expected=account.user, login_hint=account.address or None)
    return SignInRequest(scopes=scopes, login_hint=asked.login_hint)


def _account(visit: Visit) -> Account | None:
    """Who is signed in, when that is a Microsoft account: no other one can come back from there."""
    account = visit.browser.account
    return account if account is not None and account.user.kind == "entra" else None
