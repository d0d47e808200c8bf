"""Token answers: access token, refresh token, id token, client_info."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.directory import App, User
from outlook_mcp.sandbox.entra.authority import Authority
from outlook_mcp.sandbox.entra.base64url import base64url
from outlook_mcp.sandbox.entra.errors import REFUSALS, EntraError
from outlook_mcp.sandbox.entra.scopes import GRAPH, GRAPH_APP_ID, Scopes
from outlook_mcp.sandbox.entra.service import Entra
from outlook_mcp.sandbox.refresh_tokens import RefreshToken

ID_TOKEN_LIFETIME_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """A request to the token endpoint by an authenticated app."""

    authority: Authority
    app: App
    fields: Mapping[str, str]

    def need(self, field: str) -> str:
        value = self.fields.get(field, "")
        if not value:
            raise EntraError(900144, field=field)
        return value

    @property
    def proof(self) -> str:
        """How the app authenticated, as in the claim `azpacr`: 0 not at all, 1 by secret, 2 by assertion."""
        if self.app.is_public:
            return "0"
        return "2" if "client_assertion" in self.fields else "1"

    @property
    def understands_claims_challenges(self) -> bool:
        """Whether the client sent `xms_cc` with `cp1` in its claims request."""
        try:
            claims = json.loads(self.fields.get("claims") or "{}")
            return "cp1" in [str(value).lower() for value in claims["access_token"]["xms_cc"]["values"]]
        except (ValueError, KeyError, TypeError):
            return False


def token_answer(
    entra: Entra,
    request: TokenRequest,
    user: User,
    scopes: Scopes,
    *,
    nonce: str | None = None,
    refresh_scope: str | None = None,
    after: RefreshToken | None = None,
) -> dict[str, Any]:
    """The JSON for the user; `refresh_scope` set means that a refresh token goes with it."""
    check_user(entra, request.authority, request.app, user)
    granted = granted_permissions(entra, request.app, user, scopes)
    cae = scopes.resource == GRAPH and request.understands_claims_challenges
    lifetime = entra.lifetime_s(cae=cae)
    answer: dict[str, Any] = {
        "token_type": "Bearer",
        "scope": scopes.granted_scope(granted),
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": _access_token(entra, request, user, scopes, granted, lifetime),
    }
    if refresh_scope is not None:
        answer["refresh_token"] = entra.refresh_tokens.issue_token(
            request.app.client_id, user.oid, refresh_scope, after=after
        )
    if "openid" in scopes.openid:
        answer["id_token"] = entra.keys.sign(_id_claims(entra, request, user, scopes, nonce))
    if request.fields.get("client_info"):
        answer["client_info"] = client_info(user)
    return answer


def check_user(entra: Entra, authority: Authority, app: App, user: User) -> None:
    """Refuses a user of another tenant, and one of whom a policy requires more."""
    if not authority.admits(user):
        raise EntraError(50020, user=user.upn, tenant=authority.name, app=app.client_id)
    required = entra.directory.requirement(user)
    if required is None:
        return
    policy = {"access_token": {"capolids": {"essential": True, "values": [str(uuid.uuid4())]}}}
    interactive = REFUSALS[required].error == "interaction_required"
    raise EntraError(required, claims=json.dumps(policy) if interactive else None, resource=GRAPH_APP_ID)


def granted_permissions(entra: Entra, app: App, user: User, scopes: Scopes) -> frozenset[str]:
    """Names at the one resource; an app gets all it has consent for there, not only what it asked for."""
    resource = scopes.resource
    asked = {name for scope in scopes.needing_consent() if (name := _name_at(resource, scope))}
    if app.trusted:
        return frozenset(asked)
    consented = {name for scope in entra.directory.consented(app, user) if (name := _name_at(resource, scope))}
    if scopes.asks_default and consented:
        asked -= scopes.defaults
    if not asked <= consented:
        raise EntraError(65001, app=app.client_id, name=app.name)
    return frozenset(consented)


def client_info(user: User) -> str:
    raw = json.dumps({"uid": user.oid, "utid": user.tid}, separators=(",", ":")).encode()
    return base64url(raw)


def pairwise_subject(client_id: str, user: User) -> str:
    """The subject of a user for one app; for another app it is another one."""
    return base64url(hashlib.sha256(f"{client_id}:{user.tid}:{user.oid}".encode()).digest())


def _name_at(resource: str, scope: str) -> str:
    return scope.removeprefix(f"{resource}/") if scope.startswith(f"{resource}/") else ""


def _access_token(
    entra: Entra, request: TokenRequest, user: User, scopes: Scopes, granted: frozenset[str], lifetime_s: int
) -> str:
    if scopes.resource == GRAPH:
        caller = Caller(user.tid, user.oid, user.upn, granted, request.app.client_id)
        return entra.graph_token(caller, lifetime_s=lifetime_s, cae=request.understands_claims_challenges)
    claims = _common_claims(entra, request, user, scopes.resource, lifetime_s)
    claims |= {
        "azp": request.app.client_id,
        "azpacr": request.proof,
        "name": user.display_name,
        "oid": user.oid,
        "preferred_username": user.upn,
        "scp": " ".join(sorted(granted)),
    }
    return entra.keys.sign(claims)


def _id_claims(entra: Entra, request: TokenRequest, user: User, scopes: Scopes, nonce: str | None) -> dict[str, Any]:
    claims = _common_claims(entra, request, user, request.app.client_id, ID_TOKEN_LIFETIME_S)
    if "profile" in scopes.openid:
        claims |= {"name": user.display_name, "oid": user.oid, "preferred_username": user.upn}
    if "email" in scopes.openid:
        claims["email"] = user.upn
    if nonce is not None:
        claims["nonce"] = nonce
    return claims


def _common_claims(entra: Entra, request: TokenRequest, user: User, audience: str, lifetime_s: int) -> dict[str, Any]:
    now = int(entra.clock.now())
    return {
        "aud": audience,
        "iss": request.authority.issuer_for(user.tid),
        "iat": now,
        "nbf": now,
        "exp": now + lifetime_s,
        "rh": secrets.token_urlsafe(24),
        "sub": pairwise_subject(audience, user),
        "tid": user.tid,
        "uti": secrets.token_urlsafe(16),
        "ver": "2.0",
    }
