"""OpenID Connect metadata, signing keys, instance discovery, and sign-out."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from outlook_mcp.sandbox.entra.authority import Authority, origin_of
from outlook_mcp.sandbox.entra.errors import REFUSALS, EntraError
from outlook_mcp.sandbox.entra.forms import form_fields
from outlook_mcp.sandbox.entra.pages import message_page
from outlook_mcp.sandbox.entra.service import Entra
from outlook_mcp.sandbox.entra.token import refusal_answer
from outlook_mcp.sandbox.entra.userinfo import USERINFO_PATH

_CLAIMS = ("sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "oid", "ver", "email")
_PUBLIC = {"Cache-Control": "max-age=86400, private", "Access-Control-Allow-Origin": "*"}


class Discovery:
    """The documents from which clients learn issuer, endpoints and signing keys."""

    def __init__(self, entra: Entra) -> None:
        self._entra = entra

    async def metadata(self, request: Request) -> Response:
        try:
            authority = Authority.of(request, self._entra.directory)
        except EntraError as refused:
            return refusal_answer(self._entra, request, refused)
        base = authority.endpoints
        document = {
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": authority.issuer,
            "request_uri_parameter_supported": False,
            "userinfo_endpoint": f"{authority.origin}{USERINFO_PATH}",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "http_logout_supported": True,
            "frontchannel_logout_supported": True,
            "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
            "claims_supported": list(_CLAIMS),
            "code_challenge_methods_supported": ["S256", "plain"],
            "tenant_region_scope": None,
            "cloud_instance_name": "microsoftonline.com",
            "cloud_graph_host_name": "graph.windows.net",
            "msgraph_host": request.url.netloc,
        }
        return JSONResponse(document, headers=_PUBLIC)

    async def keys(self, request: Request) -> Response:
        try:
            authority = Authority.of(request, self._entra.directory)
        except EntraError as refused:
            return refusal_answer(self._entra, request, refused)
        return JSONResponse(self._entra.keys.jwks(authority.issuer), headers=_PUBLIC)

    async def instance(self, request: Request) -> Response:
        """Instance discovery, which MSAL asks for before it trusts an authority."""
        asked = request.query_params.get("authorization_endpoint", "")
        tenant = asked.split("/")[3] if asked.count("/") > 2 else "common"
        host = request.url.netloc
        return JSONResponse(
            {
                "tenant_discovery_endpoint": f"{origin_of(request)}/{tenant}/v2.0/.well-known/openid-configuration",
                "api-version": request.query_params.get("api-version", "1.1"),
                "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
            },
            headers=_PUBLIC,
        )

    async def logout(self, request: Request) -> Response:
        """Back to an address some app registered; refresh tokens live on, as in Entra ID."""
        fields = dict(request.query_params) | await form_fields(request)
        target, app = fields.get("post_logout_redirect_uri", ""), self._entra.directory.app(fields.get("client_id", ""))
        if target and app is not None and app.accepts_redirect(target):
            return RedirectResponse(target, 302)
        return message_page("You signed out of your account", "You can close this window.")

    async def error(self, request: Request) -> Response:
        """The page behind `error_uri`."""
        code = request.query_params.get("code", "")
        refusal = REFUSALS.get(int(code)) if code.isdecimal() and len(code) < 10 else None
        if refusal is None:
            return message_page("Unknown error code", "There is no such code.", 404)
        return message_page(f"AADSTS{code}", f"{refusal.error}: {refusal.text}")
