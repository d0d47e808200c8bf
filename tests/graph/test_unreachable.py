"""A Microsoft Graph that cannot be reached: nothing was sent, and the reason is told."""

from __future__ import annotations

import ssl

import pytest
import trustme
from pydantic import SecretStr

from outlook_mcp.errors import ConfigurationError, GraphUnavailable
from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.mail.area import MAIL
from outlook_mcp.net.proxies import Proxies
from outlook_mcp.sandbox.listeners import Listener, bind, port_of, serving
from tests.graph.calls import read, send, write
from tests.graph.scripted_graph import ALICE, ScriptedGraph, Tokens, factory_for
from tests.proxy import ProxySettings, running_proxy


async def test_a_certificate_that_is_not_trusted_is_told_apart_from_a_graph_that_is_away(graph: ScriptedGraph) -> None:
    tls, bound = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), bind(0)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    graph.url = f"https://127.0.0.1:{port_of(bound)}"
    async with serving(Listener(graph, bound, tls)), factory_for(graph, Tokens()) as factory:
        for call in (read, send):
            with pytest.raises(ConfigurationError, match="OUTLOOK_MCP_CA_FILE"):
                await call(factory.for_user(ALICE, None, MAIL))
    assert graph.asked == []


async def test_nobody_listening_is_unavailable_and_never_an_open_question(tokens: Tokens) -> None:
    factory = EmailClientFactory(GraphSettings(base_url="http://127.0.0.1:9/v1.0"), tokens, lambda: [MAIL])
    try:
        for call in (read, send):
            with pytest.raises(GraphUnavailable, match="nothing was sent"):
                await call(factory.for_user(ALICE, None, MAIL))
    finally:
        await factory.aclose()


async def test_a_proxy_that_refuses_is_told_and_never_an_open_question(tokens: Tokens) -> None:
    with running_proxy(ProxySettings({}, password="alice:secret")) as proxy:
        proxies = Proxies(SecretStr(proxy.url.replace("secret", "guessed")))
        settings = GraphSettings(base_url="https://graph.corp.example/v1.0", proxies=proxies)
        factory = EmailClientFactory(settings, tokens, lambda: [MAIL])
        try:
            for call in (read, write, send):
                with pytest.raises(GraphUnavailable, match=r"The proxy refused .* \(407\); nothing was sent") as caught:
                    await call(factory.for_user(ALICE, None, MAIL))
                assert caught.value.outcome_is_known
        finally:
            await factory.aclose()


async def test_an_address_that_no_name_can_have_is_unavailable(tokens: Tokens) -> None:
    factory = EmailClientFactory(GraphSettings(base_url="https://graph..example/v1.0"), tokens, lambda: [MAIL])
    try:
        with pytest.raises(GraphUnavailable, match="nothing was sent"):
            await read(factory.for_user(ALICE, None, MAIL))
    finally:
        await factory.aclose()
