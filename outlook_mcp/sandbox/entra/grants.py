"""The grants of the token endpoint: each returns a token answer or raises a refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.directory import User
from outlook_mcp.sandbox.entra.answers import TokenRequest, token_answer
from outlook_mcp.sandbox.entra.codes import AuthorizationCode
from outlook_mcp.sandbox.entra.errors import EntraError
from outlook_mcp.sandbox.entra.scopes import DEFAULT, Scopes, read_scopes
from outlook_mcp.sandbox.entra.service import Entra
from outlook_mcp.sandbox.refresh_tokens import LIFETIME_S, SPA_LIFETIME_S, RefreshToken

Grant = Callable[[Entra, TokenRequest], dict[str, Any]]


def redeem_code(entra: Entra, request: TokenRequest) -> dict[str, Any]:
    code = entra.codes.find_code(request.need("code"))
    if code is None or code.client_id != request.app.client_id:
        raise EntraError(70000)
    if code.redeemed:
        raise EntraError(54005)
    if entra.codes.expired(code):
        raise EntraError(70008)
    _check_redirect_and_verifier(code, request)
    offline = _scopes(entra, request, code.scope).offline
    answer = token_answer(
        entra,
        request,
        code.user,
        _asked_or_granted(entra, request, code.scope),
        nonce=code.nonce,
        refresh_scope=code.scope if offline else None,
    )
    code.redeemed = True
    return answer


def redeem_refresh_token(entra: Entra, request: TokenRequest) -> dict[str, Any]:
    value = request.need("refresh_token")
    token = entra.refresh_tokens.find_token(value)
    user = entra.directory.user(token.oid) if token else None
    if token is None or user is None or token.client_id != request.app.client_id:
        raise EntraError(70000)
    _check_refresh_token(entra, request, token)
    scopes = _asked_or_granted(entra, request, token.scope)
    answer = token_answer(entra, request, user, scopes, refresh_scope=token.scope, after=token)
    entra.refresh_tokens.mark_used(value)
    return answer


def redeem_device_code(entra: Entra, request: TokenRequest) -> dict[str, Any]:
    code = entra.codes.find_device(request.need("device_code"))
    if code is None or code.redeemed or code.client_id != request.app.client_id:
        raise EntraError(70018)
    if entra.codes.expired(code):
        raise EntraError(70019)
    if code.declined:
        raise EntraError(70020)
    if code.user is None:
        raise EntraError(70016)
    scopes = _scopes(entra, request, code.scope).of_first_resource()
    answer = token_answer(entra, request, code.user, scopes, refresh_scope=code.scope if scopes.offline else None)
    code.redeemed = True
    return answer


def client_credentials(entra: Entra, request: TokenRequest) -> dict[str, Any]:
    if request.app.is_public:
        raise EntraError(7000218)
    if request.authority.tid is None or not request.authority.is_organization:
        raise EntraError(9001023)
    scope = request.need("scope")
    if not scope.endswith(f"/{DEFAULT}"):
        raise EntraError(1002012, scope=scope)
    _scopes(entra, request, scope)
    caller = Caller(request.authority.tid, "", "", frozenset(), request.app.client_id)
    lifetime = entra.lifetime_s()
    return {
        "token_type": "Bearer",
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": entra.graph_token(caller, lifetime_s=lifetime),
    }


def on_behalf_of(entra: Entra, request: TokenRequest) -> dict[str, Any]:
    if request.app.is_public:
        raise EntraError(7000218)
    if request.need("requested_token_use") != "on_behalf_of":
        raise EntraError(9002313)
    user = _asserted_user(entra, request)
    scope = request.need("scope")
    scopes = _scopes(entra, request, scope)
    return token_answer(entra, request, user, scopes, refresh_scope=scope if scopes.offline else None)


GRANTS: Mapping[str, Grant] = MappingProxyType(
    {
        "authorization_code": redeem_code,
        "refresh_token": redeem_refresh_token,
        "urn:ietf:params:oauth:grant-type:device_code": redeem_device_code,
        "device_code": redeem_device_code,
        "client_credentials": client_credentials,
        "urn:ietf:params:oauth:grant-type:jwt-bearer": on_behalf_of,
    }
)


def _scopes(entra: Entra, request: TokenRequest, text: str) -> Scopes:
    try:
        return read_scopes(text, entra.directory, app_name=request.app.name, tenant=request.authority.name)
    except EntraError as refused:
        if refused.aadsts == 650053:
            raise EntraError(70011, scope=text) from None
        raise


def _asked_or_granted(entra: Entra, request: TokenRequest, granted: str) -> Scopes:
    """The scopes of the request; without any, those of the grant that one token can have."""
    asked = request.fields.get("scope")
    return _scopes(entra, request, asked) if asked else _scopes(entra, request, granted).of_first_resource()


def _check_redirect_and_verifier(code: AuthorizationCode, request: TokenRequest) -> None:
    redirect = request.need("redirect_uri")
    if redirect != code.redirect_uri:
        raise EntraError(500112, redirect=redirect)
    verifier = request.fields.get("code_verifier", "")
    if code.challenge is not None and not code.challenge.accepts(verifier):
        raise EntraError(501481)
    if code.challenge is None and verifier:
        raise EntraError(501481)


def _check_refresh_token(entra: Entra, request: TokenRequest, token: RefreshToken) -> None:
    now = entra.clock.now()
    revoked = entra.refresh_tokens.revoked_at(token.oid)
    if revoked is not None and token.issued <= revoked:
        raise EntraError(50173, issued=_iso(token.issued), valid_from=_iso(revoked))
    if entra.refresh_tokens.family_is_revoked(token.family):
        raise EntraError(70000)
    if request.app.kind == "spa" and now - token.started > SPA_LIFETIME_S:
        raise EntraError(700084, issued=_iso(token.started))
    if now - token.issued > LIFETIME_S:
        raise EntraError(700082, issued=_iso(token.issued))
    if entra.rotate_refresh_tokens and token.used:
        entra.refresh_tokens.revoke_family(token.family)
        raise EntraError(70000)


def _asserted_user(entra: Entra, request: TokenRequest) -> User:
    claims = entra.keys.claims_of(request.need("assertion"))
    if claims is None:
        raise EntraError(50013)
    if claims.get("aud") != request.app.client_id or "scp" not in claims:
        raise EntraError(500131, audience=str(claims.get("aud")), app=request.app.client_id)
    if claims["exp"] <= entra.clock.now():
        raise EntraError(500133)
    user = entra.directory.user(str(claims["oid"]))
    if user is None:
        raise EntraError(50013)
    return user


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
