"""What may be configured, and which addresses may carry secrets."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.net.addresses import is_protected, origin
from outlook_mcp.oauth.entra.client_credential import SecretCredential
from outlook_mcp.oauth.entra.clouds import CLOUDS, cloud_named
from outlook_mcp.oauth.entra.settings import OAuthSettings


@pytest.mark.parametrize("name", CLOUDS)
def test_each_cloud_has_its_own_https_addresses(name: str) -> None:
    cloud = cloud_named(name)
    assert is_protected(cloud.authority)
    assert cloud.graph.startswith("https://")
    assert not cloud.graph.endswith("/")


def test_an_unknown_cloud_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match="'germany'; expected one of global, usgov, usgov-dod, china"):
        cloud_named("germany")


@pytest.mark.parametrize(
    "url",
    ["https://login.example", "http://127.0.0.1:8080/x", "http://[::1]:1", "http://localhost", "HTTP://LOCALHOST"],
)
def test_https_and_this_machine_may_carry_secrets(url: str) -> None:
    assert is_protected(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example",
        "http://127.0.0.1.example",
        "http://localhost.example",
        "http://user@localhost",
        "https://user:word@login.example",
        "https://",
        "ftp://localhost",
        "javascript:alert(1)",
        "http://localhost:99999",
        "http://[::1",
        "",
    ],
)
def test_other_addresses_may_not(url: str) -> None:
    assert not is_protected(url)
    with pytest.raises(ConfigurationError, match="authority"):
        OAuthSettings(client_id="id", authority=url)


def test_the_default_port_of_a_scheme_may_be_left_out() -> None:
    assert origin("https://Login.example:443/x") == origin("https://login.example")
    assert origin("https://login.example:444") != origin("https://login.example")


def test_the_redirect_host_is_this_machine_only() -> None:
    with pytest.raises(ConfigurationError, match="redirect_host"):
        OAuthSettings(client_id="id", redirect_host="outlook.example")


def test_every_sign_in_asks_once_for_identity_and_a_refresh_token() -> None:
    settings = OAuthSettings(client_id="id", scopes=("Mail.Read", "offline_access"))
    assert settings.asked_scopes() == ("openid", "profile", "offline_access", "Mail.Read")
    assert settings.asked_scopes(("Mail.Send",)) == ("openid", "profile", "offline_access", "Mail.Send")


def test_a_tenant_cannot_change_the_path_of_the_address() -> None:
    assert (
        OAuthSettings(client_id="id", tenant="../evil?x").base_url == "https://login.microsoftonline.com/..%2Fevil%3Fx"
    )


def test_the_client_secret_is_not_shown() -> None:
    assert "hush" not in repr(SecretCredential(SecretStr("hush")))
