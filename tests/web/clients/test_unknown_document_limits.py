"""One network can make the server fetch only so many unknown metadata documents."""

from __future__ import annotations

import pytest

from outlook_mcp.errors import SignInUnavailable
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.authorization.client_documents import ClientDocuments
from outlook_mcp.web.authorization.clients import UNKNOWN_DOCUMENTS, OAuthClients
from outlook_mcp.web.http.request_origin import RequestOrigin, request_origin
from tests.web.clients.site import Names, Site


async def test_one_network_causes_a_limited_number_of_requests_for_unknown_documents(
    vault: CredentialVault, documents: ClientDocuments, site: Site, names: Names
) -> None:
    clients = OAuthClients(vault, documents=documents)
    with request_origin(RequestOrigin("2001:db8::1")):
        for number in range(UNKNOWN_DOCUMENTS):
            with pytest.raises(SignInUnavailable, match="cannot read what unknown-"):
                await clients.find_client(f"https://unknown-{number}.example:1/none")
    asked = list(names.asked)
    with (
        request_origin(RequestOrigin("2001:db8::2")),
        pytest.raises(SignInUnavailable, match="Too many unknown"),
    ):
        await clients.find_client("https://one-more.example:1/none")
    assert names.asked == asked
    with request_origin(RequestOrigin("192.0.2.7")):
        assert await clients.find_client(site.url) is not None
    with request_origin(RequestOrigin("2001:db8::3")):
        assert await clients.find_client(site.url) is not None, "a client that is known is none of those"
