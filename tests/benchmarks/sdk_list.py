"""What the same list costs by msgraph-sdk as it comes: its own transport, its own models, no server around it."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from typing import Any

import httpx

from outlook_mcp.mail.models import LISTING

with warnings.catch_warnings():
    # kiota warns of its own deprecations at import.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kiota_abstractions.authentication import (
        AccessTokenProvider,
        AllowedHostsValidator,
        BaseBearerTokenAuthenticationProvider,
    )
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.users.item.messages.messages_request_builder import MessagesRequestBuilder
    from msgraph.graph_request_adapter import GraphRequestAdapter
    from msgraph.graph_service_client import GraphServiceClient

CALLS = 60
ROUNDS = 5
MESSAGES = 25


class _Token(AccessTokenProvider):
    def __init__(self, token: str) -> None:
        self._token = token

    async def get_authorization_token(self, uri: str, additional_authentication_context: Any = None) -> str:
        return self._token

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        return AllowedHostsValidator([])


async def cpu_of_the_sdk_alone(settings: Mapping[str, str]) -> float:
    """Milliseconds of CPU for the fields of a list of 25, in the quietest round; the sandbox is another process."""
    async with httpx.AsyncClient(base_url=settings["authority"], trust_env=False) as control:
        asked = {"user": settings["login_hint"], "scopes": ["Mail.Read"]}
        answer = await control.post("/_sandbox/token", json=asked)
    adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(_Token(answer.json()["access_token"])))
    adapter.base_url = settings["graph_url"]
    client = GraphServiceClient(request_adapter=adapter)
    client.path_parameters["baseurl"] = adapter.base_url
    rounds = [await _cpu_of_a_list(client) for _ in range(ROUNDS + 1)]
    return min(rounds[1:])


async def _cpu_of_a_list(client: GraphServiceClient) -> float:
    query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(top=MESSAGES, select=list(LISTING))
    before = time.process_time()
    for _ in range(CALLS):
        page = await client.me.messages.get(RequestConfiguration(query_parameters=query))
        assert page is not None
        assert page.value is not None
        assert len(page.value) == MESSAGES
    return (time.process_time() - before) / CALLS * 1000
