"""What a client discovers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from mcp.shared.auth import OAuthMetadata, ProtectedResourceMetadata

from outlook_mcp.web.authorization.metadata import authorization_server_metadata
from tests.web.authorization.replica import URL, Enterprise, Replica, replica

SERVER_PATHS = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")
RESOURCE_PATHS = ("/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource")


@pytest.mark.parametrize("path", SERVER_PATHS)
async def test_the_metadata_hold_everything_that_clients_look_for(server: Replica, path: str) -> None:
    answer = await server.http.get(path)
    assert answer.json() == {
        "issuer": "https://mail.contoso.example",
        "authorization_endpoint": f"{URL}/authorize",
        "token_endpoint": f"{URL}/token",
        "revocation_endpoint": f"{URL}/revoke",
        "registration_endpoint": f"{URL}/register",
        "scopes_supported": ["mail.read", "mail.write", "mail.send", "offline_access"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_post", "client_secret_basic"],
        "revocation_endpoint_auth_methods_supported": ["none", "client_secret_post", "client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "client_id_metadata_document_supported": True,
        "authorization_response_iss_parameter_supported": True,
    }
    assert str(OAuthMetadata.model_validate_json(answer.content).issuer) == URL


@pytest.mark.parametrize("path", RESOURCE_PATHS)
async def test_the_resource_names_its_server_and_no_offline_access(server: Replica, path: str) -> None:
    answer = await server.http.get(path)
    metadata = ProtectedResourceMetadata.model_validate_json(answer.content)
    assert str(metadata.resource) == f"{URL}/mcp"
    assert [str(url) for url in metadata.authorization_servers] == [URL]
    assert metadata.scopes_supported == ["mail.read", "mail.write", "mail.send"]


@pytest.mark.parametrize("path", [*SERVER_PATHS, *RESOURCE_PATHS])
async def test_a_page_of_any_origin_may_read_the_metadata(server: Replica, path: str) -> None:
    answer = await server.http.get(path, headers={"Origin": "https://inspector.example"})
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_registration_that_is_switched_off_is_neither_announced_nor_served(tmp_path: Path) -> None:
    async with replica(tmp_path, dynamic_registration=False) as server:
        assert "registration_endpoint" not in (await server.http.get(SERVER_PATHS[0])).json()
        assert (await server.http.post("/register", json={})).status_code == 404


async def test_clients_with_a_metadata_document_are_announced_only_where_they_are_accepted(tmp_path: Path) -> None:
    async with replica(tmp_path) as server:
        accepted = (await server.http.get(SERVER_PATHS[0])).json()
    refused = authorization_server_metadata(replace(server.settings, client_documents=False), identity_assertions=False)
    name = "client_id_metadata_document_supported"
    assert (accepted[name], refused[name]) == (True, False)


async def test_identity_assertions_are_announced_when_they_are_accepted(tmp_path: Path) -> None:
    async with replica(tmp_path, identity_assertions=Enterprise()) as server:
        metadata = (await server.http.get(SERVER_PATHS[0])).json()
    assert "urn:ietf:params:oauth:grant-type:jwt-bearer" in metadata["grant_types_supported"]
    assert metadata["authorization_grant_profiles_supported"] == ["urn:ietf:params:oauth:grant-profile:id-jag"]
