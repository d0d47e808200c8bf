"""A small OpenID Connect issuer on a loopback socket: a stand-in for the one of an organisation.

It signs with real keys and speaks real HTTP; it has no people, no pages and no policies.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from outlook_mcp.sandbox.listeners import HOST, Listener, bind, port_of, serving
from tests.rsa_keys import KEY, OTHER_KEY

CLIENT_ID, CLIENT_SECRET = "our client", "s3cret:with/signs"
SUBJECT = "U019488227"
RSA_KEY, STRANGE_KEY = KEY, OTHER_KEY
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, kid: str, **more: str) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        jwk = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())
    else:
        jwk = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())
    return dict(json.loads(jwk)) | {"kid": kid, "use": "sig"} | more


@dataclass
class TestIssuer:
    """`url` is its issuer identifier; the other fields are what a test turns."""

    __test__ = False

    url: str
    keys: list[dict[str, Any]] = field(default_factory=lambda: [public_jwk(RSA_KEY, "r1"), public_jwk(EC_KEY, "e1")])
    is_down: bool = False
    auth_methods: list[str] | None = None
    names_itself: bool = True
    described_as: str | None = None
    id_claims: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Claims of a fresh token; None leaves one out, and `exp_in` sets `exp` to so many seconds from now."""
        now = int(time.time())
        times = {name[:-3]: now + changes.pop(name) for name in ("exp_in", "iat_in", "nbf_in") if name in changes}
        claims = {"iss": self.url, "sub": SUBJECT, "iat": now, "exp": now + 300} | changes | times
        return {name: value for name, value in claims.items() if value is not None}

    def signed(
        self,
        claims: Mapping[str, Any],
        *,
        key: Any = RSA_KEY,
        algorithm: str = "RS256",
        kid: str | None = "r1",
        typ: str | None = "at+jwt",
        **header: Any,
    ) -> str:
        names = {"kid": kid, "typ": typ} | header
        return jwt.encode(
            dict(claims), key, algorithm, headers={name: value for name, value in names.items() if value is not None}
        )

    async def describe(self, request: Request) -> Response:
        document: dict[str, Any] = {
            "issuer": self.described_as or self.url,
            "jwks_uri": f"{self.url}/keys",
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "authorization_response_iss_parameter_supported": self.names_itself,
        }
        if self.auth_methods is not None:
            document["token_endpoint_auth_methods_supported"] = self.auth_methods
        return self._answer(request, document)

    async def key_set(self, request: Request) -> Response:
        return self._answer(request, {"keys": self.keys})

    async def authorize(self, request: Request) -> Response:
        """Signs the one person in, unattended."""
        asked = dict(request.query_params)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"]} | ({"iss": self.url} if self.names_itself else {})
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", 302)

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        asked = self.codes.pop(form["code"], None)
        if not self._is_authenticated(request, form) or asked is None:
            return JSONResponse({"error": "invalid_client"}, 401)
        digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if digest.decode() != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        person = {"name": "Uma\n Unger", "email": "uma@corp.example", "email_verified": True}
        claims = self.claims(**{"aud": CLIENT_ID, "nonce": asked["nonce"]} | person | self.id_claims)
        return self._answer(request, {"id_token": self.signed(claims, typ="JWT"), "access_token": "x"})

    def _is_authenticated(self, request: Request, form: Mapping[str, str]) -> bool:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        given = [unquote_plus(part) for part in base64.b64decode(value).decode().split(":")]
        return given == [CLIENT_ID, CLIENT_SECRET] and "client_secret" not in form

    def _answer(self, request: Request, body: dict[str, Any]) -> Response:
        self.asked.append(request.url.path)
        return JSONResponse({}, 503) if self.is_down else JSONResponse(body)


@asynccontextmanager
async def running_issuer() -> AsyncIterator[TestIssuer]:
    """Serves on 127.0.0.1 while the block runs."""
    with bind(0) as listening:
        issuer = TestIssuer(f"http://{HOST}:{port_of(listening)}/realm")
        routes = [
            Route("/realm/.well-known/openid-configuration", issuer.describe),
            Route("/realm/keys", issuer.key_set),
            Route("/realm/authorize", issuer.authorize),
            Route("/realm/token", issuer.token, methods=["POST"]),
        ]
        async with serving(Listener(Starlette(routes=routes), listening)):
            yield issuer
