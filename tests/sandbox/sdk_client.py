"""Microsoft's SDK for Graph, whose requests go to the application of the sandbox without a socket."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette

with warnings.catch_warnings():
    # kiota warns of its own deprecations at import.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
    from kiota_abstractions.authentication.base_bearer_token_authentication_provider import (
        BaseBearerTokenAuthenticationProvider,
    )
    from msgraph.graph_request_adapter import GraphRequestAdapter, options
    from msgraph.graph_service_client import GraphServiceClient
    from msgraph_core import GraphClientFactory  # type: ignore[import-untyped]


class FixedToken(AccessTokenProvider):
    def __init__(self, token: str) -> None:
        self._token = token

    async def get_authorization_token(self, uri: str, additional_authentication_context: Any = None) -> str:
        return self._token

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        return AllowedHostsValidator(["graph.test"])


@asynccontextmanager
async def sdk_client(app: Starlette, *token: str) -> AsyncIterator[GraphServiceClient]:
    """The client of a user with permissions, which are the words of `token`."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as plain:
        http = GraphClientFactory.create_with_default_middleware(client=plain, options=options)
        adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(FixedToken(" ".join(token))), client=http)
        adapter.base_url = "http://graph.test/v1.0"
        client = GraphServiceClient(request_adapter=adapter)
        client.path_parameters["baseurl"] = adapter.base_url
        yield client
