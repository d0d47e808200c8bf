"""The clients people use, each identifying itself as it does; documents and forms as published in 2026."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from mcp.shared.auth import InvalidRedirectUriError, OAuthClientInformationFull
from pydantic import AnyUrl, TypeAdapter

from outlook_mcp.errors import SignInUnavailable
from outlook_mcp.net.public_http import PublicHttp
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.authorization.client import OAuthClient
from outlook_mcp.web.authorization.client_document_http import ClientDocumentHttp
from outlook_mcp.web.authorization.client_documents import ClientDocuments
from outlook_mcp.web.authorization.clients import OAuthClients
from tests.web.clients.conftest import MakeHttp
from tests.web.clients.site import HOST, Site

URL = TypeAdapter(AnyUrl)
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CLAUDE: dict[str, Any] = {
    "client_name": "Claude",
    "client_uri": "https://claude.ai",
    "redirect_uris": ["https://claude.ai/api/mcp/auth_callback"],
    "grant_types": ["authorization_code", "refresh_token", JWT_BEARER],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
}
CLAUDE_CODE: dict[str, Any] = {
    "client_name": "Claude Code",
    "client_uri": "https://claude.ai",
    "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
}
VS_CODE: dict[str, Any] = {
    "client_name": "Visual Studio Code",
    "logo_uri": "https://code.visualstudio.com/assets/branding/code-stable.png",
    "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
    "application_type": "native",
    "client_uri": "https://vscode.dev/product",
    "redirect_uris": ["http://127.0.0.1:33418/", "https://vscode.dev/redirect"],
}
CHATGPT: dict[str, Any] = {
    "client_name": "ChatGPT",
    "client_uri": "https://chatgpt.com/",
    "redirect_uris": ["https://chatgpt.com/connector_platform_oauth_redirect"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "private_key_jwt",
    "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
    "jwks_uri": "https://chatgpt.com/oauth/jwks.json",
}


@pytest.fixture
def clients(vault: CredentialVault, documents: ClientDocuments) -> OAuthClients:
    return OAuthClients(vault, documents=documents)


async def by_document(clients: OAuthClients, site: Site, document: dict[str, Any]) -> OAuthClient:
    site.document = {"client_id": site.url, **document}
    client = await clients.find_client(site.url)
    assert client is not None
    assert client.kind == "document"
    assert client.token_endpoint_auth_method == "none"
    return client


def accepts(client: OAuthClient, redirect_uri: str) -> bool:
    try:
        return str(client.validate_redirect_uri(URL.validate_python(redirect_uri))).startswith(redirect_uri)
    except InvalidRedirectUriError:
        return False


async def test_claude(clients: OAuthClients, site: Site) -> None:
    client = await by_document(clients, site, CLAUDE)
    assert accepts(client, "https://claude.ai/api/mcp/auth_callback")
    assert not accepts(client, "https://claude.ai/api/mcp/auth_callback/x")
    assert not accepts(client, "https://evil.example/api/mcp/auth_callback")
    assert client.name == "Claude"
    assert JWT_BEARER not in client.grant_types


async def test_claude_code(clients: OAuthClients, site: Site) -> None:
    client = await by_document(clients, site, CLAUDE_CODE)
    assert accepts(client, "http://localhost:3118/callback")
    assert accepts(client, "http://127.0.0.1:51234/callback")
    assert not accepts(client, "http://localhost:3118/other")


async def test_vs_code(clients: OAuthClients, site: Site) -> None:
    client = await by_document(clients, site, VS_CODE)
    assert accepts(client, "http://127.0.0.1:33418")
    assert accepts(client, "http://127.0.0.1:50123/")
    assert accepts(client, "https://vscode.dev/redirect")
    assert not accepts(client, "http://localhost:33418/")
    assert client.grant_types == ["authorization_code", "refresh_token"]


async def test_chatgpt_is_taken_as_the_public_client_it_offers_to_be(clients: OAuthClients, site: Site) -> None:
    client = await by_document(clients, site, CHATGPT)
    assert accepts(client, "https://chatgpt.com/connector_platform_oauth_redirect")


async def test_inspector(clients: OAuthClients) -> None:
    client = await registered(
        clients, "MCP Inspector", ["http://127.0.0.1:6276/oauth/callback"], token_endpoint_auth_method="none"
    )
    assert accepts(client, "http://127.0.0.1:6276/oauth/callback")


async def test_cursor(clients: OAuthClients) -> None:
    client = await registered(
        clients,
        "Cursor",
        [
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "https://www.cursor.com/agents/mcp/oauth/callback",
            "http://localhost:8787/callback",
        ],
        token_endpoint_auth_method="none",
    )
    assert accepts(client, "http://localhost:8787/callback")
    assert accepts(client, "https://www.cursor.com/agents/mcp/oauth/callback")
    assert not accepts(client, "cursor://anysphere.cursor-mcp/oauth/callback")


async def registered(clients: OAuthClients, name: str, redirect_uris: list[str], **members: str) -> OAuthClient:
    info = OAuthClientInformationFull.model_validate(
        {"client_id": str(uuid4()), "client_name": name, "redirect_uris": redirect_uris, **members}
    )
    kept = await clients.register(info, address="192.0.2.7")
    found = await clients.find_client(kept.client_id)
    assert found is not None
    return found


async def test_a_client_with_an_unusable_document_is_unknown_and_the_log_says_why(
    clients: OAuthClients, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.status = "404 Not Found"
    with caplog.at_level(logging.WARNING):
        assert await clients.find_client(site.url) is None
    assert f"at {urlsplit(site.url).netloc} was not used: HTTP 404" in caplog.text


@pytest.mark.parametrize("status", ["403 Forbidden", "503 Service Unavailable"])
async def test_a_client_whose_site_does_not_answer_is_not_called_unknown(
    clients: OAuthClients, site: Site, status: str
) -> None:
    site.status = status
    with pytest.raises(SignInUnavailable):
        await clients.find_client(site.url)


async def test_a_client_outside_the_public_internet_is_not_asked(
    vault: CredentialVault, site: Site, make_http: MakeHttp
) -> None:
    clients = OAuthClients(vault, documents=ClientDocuments(ClientDocumentHttp(PublicHttp())))
    assert await clients.find_client(site.url.replace(HOST, "localhost")) is None
    assert site.requests == []
