"""The floor over HTTP: the smallest server the SDK makes, behind its own check of a bearer token."""

import sys

from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer
from pydantic import AnyHttpUrl

TOKEN = "a-token-that-is-always-good"


class OneToken:
    def __init__(self, resource: str) -> None:
        self._token = AccessToken(
            token=TOKEN, client_id="client", scopes=["mail.read"], subject="user", resource=resource
        )

    async def verify_token(self, token: str) -> AccessToken | None:
        return self._token if token == TOKEN else None


async def ping() -> str:
    """Answers."""
    return "pong"


def main(port: int) -> None:
    issuer = AnyHttpUrl(f"http://127.0.0.1:{port}")
    resource = f"http://127.0.0.1:{port}/mcp"
    server = MCPServer(
        "minimal",
        token_verifier=OneToken(resource),
        auth=AuthSettings(issuer_url=issuer, resource_server_url=AnyHttpUrl(resource), validate_token_resource=True),
        log_level="ERROR",
    )
    server.add_tool(ping)
    server.run("streamable-http", port=port, stateless_http=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
