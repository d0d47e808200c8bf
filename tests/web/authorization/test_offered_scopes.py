"""Only scopes that a tool of this server uses are announced, asked for and granted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from outlook_mcp.config import Configuration, GivenConfiguration
from outlook_mcp.web.settings import WebSettings
from tests.web.authorization.replica import REDIRECT, Enterprise, Replica, replica

OFFERED = ("mail.write", "mail.send")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Replica]:
    async with replica(tmp_path, scopes=OFFERED, identity_assertions=Enterprise()) as opened:
        yield opened


def configured(**settings: Any) -> Configuration:
    app = "11111111-2222-3333-4444-555555555555"
    return GivenConfiguration(
        public_url="http://127.0.0.1:8080", client_id=app, client_secret=SecretStr("hush"), **settings
    )


@pytest.mark.parametrize(
    ("settings", "scopes"),
    [
        ({}, ("mail.read", "mail.write", "mail.send")),
        ({"toolsets": "mail-send mail-read"}, ("mail.read", "mail.send")),
        ({"toolsets": "mail-write"}, ("mail.write",)),
        ({"read_only": "true"}, ("mail.read",)),
    ],
)
def test_the_configured_toolsets_say_which_scopes_are_offered(
    settings: dict[str, str], scopes: tuple[str, ...]
) -> None:
    assert configured(**settings).require_web().scopes == scopes


async def test_metadata_list_the_offered_scopes_only(server: Replica) -> None:
    told = (await server.http.get("/.well-known/oauth-authorization-server")).json()
    assert told["scopes_supported"] == [*OFFERED, "offline_access"]
    resource = (await server.http.get("/.well-known/oauth-protected-resource")).json()
    assert resource["scopes_supported"] == [*OFFERED]


@pytest.mark.parametrize(
    ("asked", "consented"),
    [
        ("mail.read mail.send settings", ("mail.send",)),
        ("settings", ("mail.write",)),
        (None, ("mail.write",)),
    ],
)
async def test_consent_is_asked_for_offered_scopes_alone(
    server: Replica, asked: str | None, consented: tuple[str, ...]
) -> None:
    request = await server.provider.pending_request(await server.asked(scope=asked))
    assert request is not None
    assert request.scopes == consented


async def test_a_client_may_register_a_scope_that_is_not_offered_and_does_not_get_it(server: Replica) -> None:
    body = {
        "redirect_uris": [REDIRECT],
        "scope": "settings mail.read mail.send",
        "token_endpoint_auth_method": "none",
    }
    answer = await server.http.post("/register", json=body)
    assert answer.status_code == 201, answer.text
    assert "scope" not in answer.json()
    asked = {"client_id": answer.json()["client_id"], "scope": body["scope"]}
    request = await server.provider.pending_request(await server.asked(**asked))
    assert request is not None
    assert request.scopes == ("mail.send",)


def test_settings_of_a_site_keep_the_order_of_the_table() -> None:
    settings = WebSettings(public_url="https://mail.example", scopes=OFFERED)
    assert settings.offered_scopes(["mail.send", "root", "mail.write", "mail.read", "mail.send"]) == OFFERED
    assert settings.first_scopes == ("mail.write",)
