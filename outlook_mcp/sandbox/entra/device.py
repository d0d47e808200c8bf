"""The device authorization flow (RFC 8628): the app gets a code, a user enters it at /devicelogin."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from outlook_mcp.sandbox.directory import App, User
from outlook_mcp.sandbox.entra.authority import Authority
from outlook_mcp.sandbox.entra.clients import find_app
from outlook_mcp.sandbox.entra.codes import DEVICE_INTERVAL_S, DEVICE_LIFETIME_S, DeviceCode
from outlook_mcp.sandbox.entra.errors import EntraError
from outlook_mcp.sandbox.entra.forms import form_fields
from outlook_mcp.sandbox.entra.pages import consent_page, device_code_page, message_page, sign_in_page
from outlook_mcp.sandbox.entra.scopes import read_scopes
from outlook_mcp.sandbox.entra.service import Entra
from outlook_mcp.sandbox.entra.token import refusal_answer

VERIFICATION_PATH = "/devicelogin"


class DeviceEndpoint:
    """`devicecode` of RFC 8628: answers a device code and a user code, valid for 900 seconds."""

    def __init__(self, entra: Entra) -> None:
        self._entra = entra

    async def __call__(self, request: Request) -> Response:
        fields = await form_fields(request)
        try:
            authority = Authority.of(request, self._entra.directory)
            app = find_app(self._entra.directory, authority, fields.get("client_id", ""))
            if not fields.get("scope"):
                raise EntraError(900144, field="scope")
            read_scopes(fields["scope"], self._entra.directory, app_name=app.name, tenant=authority.name)
        except EntraError as refused:
            return refusal_answer(self._entra, request, refused)
        value, code = self._entra.codes.issue_device(app.client_id, fields["scope"])
        page = f"{authority.origin}{VERIFICATION_PATH}"
        return JSONResponse(
            {
                "user_code": code.user_code,
                "device_code": value,
                "verification_uri": page,
                "expires_in": DEVICE_LIFETIME_S,
                "interval": DEVICE_INTERVAL_S,
                "message": f"To sign in, use a web browser to open the page {page} and enter the code"
                f" {code.user_code} to authenticate.",
            },
            headers={"Cache-Control": "no-store, no-cache"},
        )


class DevicePage:
    """Fields: `user_code`, then `user` (or `login_hint`), and `decision` (accept or cancel) where asked."""

    def __init__(self, entra: Entra) -> None:
        self._entra = entra

    async def __call__(self, request: Request) -> Response:
        fields = dict(request.query_params) | await form_fields(request)
        typed = fields.get("user_code") or fields.get("otc", "")
        if request.method == "GET":
            return device_code_page(VERIFICATION_PATH, typed)
        code = self._entra.codes.by_user_code(typed)
        app = self._entra.directory.app(code.client_id) if code else None
        if code is None or app is None:
            return device_code_page(VERIFICATION_PATH, typed, "That code didn't work. Check it and try again.")
        kept = {"user_code": code.user_code}
        if fields.get("decision") == "cancel":
            code.declined = True
            return message_page("You cancelled", "The app was not signed in. You can close this window.")
        user = self._entra.directory.user(fields.get("user") or fields.get("login_hint", ""))
        if user is None:
            return sign_in_page(VERIFICATION_PATH, kept, self._entra.directory.users, app, may_cancel=True)
        missing = self._missing(code, app, user)
        if missing and fields.get("decision") != "accept":
            return consent_page(VERIFICATION_PATH, kept, user, app, missing)
        self._entra.directory.consent(app, user, missing)
        code.user = user
        return message_page("You're signed in", f"You have signed in to {app.name}. You can close this window.")

    def _missing(self, code: DeviceCode, app: App, user: User) -> frozenset[str]:
        scopes = read_scopes(code.scope, self._entra.directory, app_name=app.name, tenant=user.tid)
        if app.trusted:
            return frozenset()
        return scopes.needing_consent() - self._entra.directory.consented(app, user)
