"""The authorization endpoint: sign-in, consent and the redirect back to the app."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from outlook_mcp.sandbox.directory import App, User
from outlook_mcp.sandbox.entra.answers import check_user, client_info
from outlook_mcp.sandbox.entra.authority import Authority
from outlook_mcp.sandbox.entra.clients import find_app
from outlook_mcp.sandbox.entra.codes import Challenge
from outlook_mcp.sandbox.entra.errors import EntraError
from outlook_mcp.sandbox.entra.forms import form_fields
from outlook_mcp.sandbox.entra.pages import consent_page, form_post_page, message_page, sign_in_page
from outlook_mcp.sandbox.entra.scopes import Scopes, read_scopes
from outlook_mcp.sandbox.entra.service import Entra

_ERROR_FIELDS: tuple[str, ...] = ("error", "error_description", "error_uri")
_PAGE_FIELDS = frozenset({"user", "decision"})
_PROMPTS = ("", "login", "none", "consent", "select_account", "create")
# What only an app with the implicit flow gets, and its refusal.
_IMPLICIT = {"id_token": 700054, "token": 700051}
# RFC 7636: 43 to 128 characters, and the digest of S256 has 43.
_CHALLENGE_LENGTHS: dict[Literal["S256", "plain"], range] = {"S256": range(43, 44), "plain": range(43, 129)}
_METHODS: dict[str, Literal["S256", "plain"]] = {"S256": "S256", "plain": "plain", "": "plain"}


@dataclass(frozen=True, slots=True)
class RedirectTarget:
    """A registered redirect URI and how the answer is sent there."""

    app: App
    uri: str
    mode: str
    state: str | None

    def reply(self, answer: Mapping[str, str]) -> Response:
        fields = dict(answer)
        if self.state is not None:
            fields["state"] = self.state
        if self.mode == "form_post":
            return form_post_page(self.uri, fields)
        mark = "#" if self.mode == "fragment" else "&" if "?" in self.uri else "?"
        return RedirectResponse(f"{self.uri}{mark}{urlencode(fields)}", 302, {"Cache-Control": "no-store"})


class AuthorizationEndpoint:
    """GET and POST; the pages post all parameters back, so that nothing is kept between requests.

    `login_hint` signs that user in unattended, whatever `prompt` says but `consent`.
    """

    def __init__(self, entra: Entra) -> None:
        self._entra = entra

    async def __call__(self, request: Request) -> Response:
        fields = dict(request.query_params) | await form_fields(request)
        try:
            authority = Authority.of(request, self._entra.directory)
            target = self._redirect_target(authority, fields)
        except EntraError as refused:
            return message_page("Sorry, but we're having trouble signing you in.", refused.message, 400)
        try:
            return self._sign_in(request, authority, target, fields)
        except EntraError as refused:
            body = refused.body(authority.origin, self._entra.clock, fields.get("client-request-id"))
            return target.reply({name: body[name] for name in _ERROR_FIELDS if name in body})

    def _redirect_target(self, authority: Authority, fields: Mapping[str, str]) -> RedirectTarget:
        app = find_app(self._entra.directory, authority, fields.get("client_id", ""))
        uri = fields.get("redirect_uri") or (app.redirect_uris[0] if len(app.redirect_uris) == 1 else "")
        if not app.accepts_redirect(uri):
            raise EntraError(50011, redirect=uri, app=app.client_id)
        mode = fields.get("response_mode") or "query"
        if mode not in ("query", "fragment", "form_post"):
            raise EntraError(70007, mode=mode)
        return RedirectTarget(app, uri, mode, fields.get("state"))

    def _sign_in(
        self, request: Request, authority: Authority, target: RedirectTarget, fields: dict[str, str]
    ) -> Response:
        scopes, challenge = self._read_request(authority, target.app, fields)
        user = self._user(authority, target.app, fields)
        parameters = {name: value for name, value in fields.items() if name not in _PAGE_FIELDS}
        if user is None:
            if fields.get("prompt") == "none":
                raise EntraError(50058)
            admitted = [person for person in self._entra.directory.users if authority.admits(person)]
            return sign_in_page(request.url.path, parameters, admitted, target.app)
        asked = self._still_to_ask(target.app, user, scopes, fields)
        if asked:
            if fields.get("prompt") == "none":
                # As in OpenID Connect Core 1.0, 3.1.2.6: an error of the authorization endpoint, no invalid_grant.
                raise EntraError(65001, error="interaction_required", app=target.app.client_id, name=target.app.name)
            return consent_page(request.url.path, parameters, user, target.app, asked)
        self._pass_requirements(authority, target.app, user, is_silent=fields.get("prompt") == "none")
        return self._code(target, user, fields, challenge)

    def _read_request(
        self, authority: Authority, app: App, fields: Mapping[str, str]
    ) -> tuple[Scopes, Challenge | None]:
        _check_response_type(fields.get("response_type", ""))
        # Several at once are refused, too.
        if fields.get("prompt", "") not in _PROMPTS:
            raise EntraError(90023)
        if not fields.get("scope", "").strip():
            raise EntraError(900144, field="scope")
        scopes = read_scopes(fields["scope"], self._entra.directory, app_name=app.name, tenant=authority.name)
        return scopes, _read_challenge(fields)

    def _user(self, authority: Authority, app: App, fields: Mapping[str, str]) -> User | None:
        name = fields.get("user") or fields.get("login_hint")
        if not name:
            return None
        user = self._entra.directory.user(name)
        if user is None and fields.get("prompt") == "none":
            raise EntraError(50058)  # Nobody is there to pick another account.
        if user is None:
            raise EntraError(50034, user=name, tenant=authority.name)
        if not authority.admits(user):
            raise EntraError(50020, user=user.upn, tenant=authority.name, app=app.client_id)
        return user

    def _still_to_ask(self, app: App, user: User, scopes: Scopes, fields: Mapping[str, str]) -> frozenset[str]:
        """What the consent page lists; nothing when consent is given, or given right now."""
        needed = scopes.needing_consent()
        missing = frozenset() if app.trusted else needed - self._entra.directory.consented(app, user)
        if fields.get("prompt") == "consent":
            missing = needed
        if not missing or fields.get("decision") not in ("accept", "cancel"):
            return missing
        if fields["decision"] == "cancel":
            raise EntraError(65004)
        self._entra.directory.consent(app, user, needed)
        return frozenset()

    def _pass_requirements(self, authority: Authority, app: App, user: User, *, is_silent: bool) -> None:
        """Signing in fulfils what a policy asks for, unless it blocks the user or nobody is asked."""
        required = self._entra.directory.requirement(user)
        if required is not None and (required == 53003 or is_silent):
            check_user(self._entra, authority, app, user)
        self._entra.directory.satisfy(user)

    def _code(
        self, target: RedirectTarget, user: User, fields: Mapping[str, str], challenge: Challenge | None
    ) -> Response:
        code = self._entra.codes.issue(
            target.app.client_id, user, target.uri, fields["scope"], fields.get("nonce"), challenge
        )
        answer = {"code": code, "session_state": str(uuid.uuid4())}
        if fields.get("client_info"):
            answer["client_info"] = client_info(user)
        return target.reply(answer)


def _check_response_type(kind: str) -> None:
    """Raises the refusal of all but a code, for apps that are registered without the implicit flow."""
    if not kind:
        raise EntraError(900144, field="response_type")
    if kind != "code":
        number = next((number for name, number in _IMPLICIT.items() if name in kind.split()), 70005)
        raise EntraError(number, kind=kind)


def _read_challenge(fields: Mapping[str, str]) -> Challenge | None:
    value = fields.get("code_challenge")
    if not value:
        return None
    method = _METHODS.get(fields.get("code_challenge_method", ""))
    if method is None:
        raise EntraError(9002313)
    if len(value) not in _CHALLENGE_LENGTHS[method]:
        raise EntraError(501491)
    return Challenge(value, method)
