"""The UserInfo endpoint of OpenID Connect, which Microsoft serves beside Graph for tokens of Graph."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.entra.answers import pairwise_subject
from outlook_mcp.sandbox.entra.service import Entra

USERINFO_PATH = "/oidc/userinfo"


class UserInfoEndpoint:
    """Answers a caller that authentication has let through; `sub` is the one of the app's ID tokens."""

    def __init__(self, entra: Entra) -> None:
        self._entra = entra

    async def __call__(self, request: Request) -> Response:
        caller: Caller = request.state.caller
        user = self._entra.directory.user(caller.oid)
        assert user is not None
        given, _, family = user.display_name.rpartition(" ")
        return JSONResponse(
            {
                "sub": pairwise_subject(caller.app, user),
                "name": user.display_name,
                "given_name": given,
                "family_name": family,
                "email": user.upn,
                "picture": f"{request.url.scheme}://{request.url.netloc}/v1.0/me/photo/$value",
            }
        )
