"""Clients that the administrator registered in the configuration."""

from __future__ import annotations

from typing import Any

import pytest
from mcp.server.auth.provider import RegistrationError
from pydantic import SecretStr

from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.authorization.client_documents import ClientDocuments
from outlook_mcp.web.authorization.clients import OAuthClients
from outlook_mcp.web.authorization.configured_clients import ConfiguredClient
from tests.web.clients.site import Names, Site
from tests.web.clients.test_registration import HERE, asked


def configured(**members: Any) -> ConfiguredClient:
    return ConfiguredClient(
        **{"client_id": "agent", "name": "Agent", "redirect_uris": ("https://agent.example/callback",), **members}
    )


async def test_a_configured_client_is_known_as_the_administrator_wrote_it(vault: CredentialVault) -> None:
    jwt_bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    agent = configured(
        secret=SecretStr("hush"),
        grant_types=(jwt_bearer,),
        redirect_uris=("cursor://anysphere.cursor-mcp/oauth/callback",),
    )
    client = await OAuthClients(vault, configured=[agent]).find_client("agent")
    assert client is not None
    assert (client.kind, client.name, client.client_secret) == ("configured", "Agent", "hush")
    assert (client.token_endpoint_auth_method, client.grant_types) == ("client_secret_post", [jwt_bearer])
    assert "hush" not in repr(client) + repr(agent)


async def test_a_configured_client_without_a_secret_is_public(vault: CredentialVault) -> None:
    client = await OAuthClients(vault, configured=[configured()]).find_client("agent")
    assert client is not None
    assert (client.token_endpoint_auth_method, client.client_secret) == ("none", None)


async def test_where_client_documents_are_switched_off_none_is_fetched_and_configured_clients_stay(
    vault: CredentialVault, site: Site, names: Names, documents: ClientDocuments
) -> None:
    clients = OAuthClients(vault, configured=[configured()], documents=documents, client_documents=False)
    assert await clients.find_client(site.url) is None
    assert await clients.find_client("agent") is not None
    assert names.asked == []
    assert await OAuthClients(vault, documents=documents).find_client(site.url) is not None
    assert names.asked != []


async def test_a_metadata_address_that_is_configured_is_not_fetched(vault: CredentialVault) -> None:
    claude = "https://claude.ai/oauth/mcp-oauth-client-metadata"
    clients = OAuthClients(vault, configured=[configured(client_id=claude, name="Claude")])
    client = await clients.find_client(claude)
    assert client is not None
    assert (client.kind, client.name) == ("configured", "Claude")


async def test_nobody_registers_over_a_configured_client(vault: CredentialVault) -> None:
    client_id = "0123456789abcdef"
    clients = OAuthClients(vault, configured=[configured(client_id=client_id)])
    with pytest.raises(RegistrationError, match="taken"):
        await clients.register(asked(client_id=client_id), address=HERE)


async def test_the_domains_of_redirects_do_not_bind_clients_of_the_administrator(vault: CredentialVault) -> None:
    clients = OAuthClients(vault, configured=[configured()], redirect_domains=())
    assert await clients.find_client("agent") is not None
