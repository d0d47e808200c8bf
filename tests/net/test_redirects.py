"""Which redirect URIs are accepted."""

from __future__ import annotations

import pytest
from mcp.shared.auth import InvalidRedirectUriError
from pydantic import AnyUrl, TypeAdapter

from outlook_mcp.net.redirects import RedirectRefused, accepted_redirects
from outlook_mcp.web.authorization.client import OAuthClient

URL = TypeAdapter(AnyUrl)


def client(*redirect_uris: str) -> OAuthClient:
    return OAuthClient(kind="registered", client_id="c", redirect_uris=accepted_redirects(redirect_uris))


@pytest.mark.parametrize(
    "uri",
    [
        "https://claude.ai/api/mcp/auth_callback",
        "https://client.example:8443/callback?tenant=1",
        "https://localhost/callback",
        "http://127.0.0.1/callback",
        "http://127.0.0.1:33418",
        "http://[::1]:8080/callback",
        "http://localhost:6276/oauth/callback",
    ],
)
def test_https_anywhere_and_http_on_loopback_are_accepted(uri: str) -> None:
    assert len(accepted_redirects([uri])) == 1


@pytest.mark.parametrize(
    "uri",
    [
        "https://claude.ai." + "x" * 59 + "." + "y" * 20 + ".evil.example/callback",
        "https://claude.ai./callback",
        "https://claude.ai..evil.example/callback",
        "https://evil.example;claude.ai/callback",
        "https://" + "x" * 64 + ".evil.example/callback",
        "http://client.example/callback",
        "http://10.0.0.1/callback",
        "http://127.0.0.2/callback",
        "http://localhost.client.example/callback",
        "http://127.0.0.1.client.example/callback",
        "http://localhost./callback",
        "http://[::ffff:127.0.0.1]/callback",
        "http://localhost@client.example/callback",
        "javascript:alert(document.domain)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://client.example/1",
        "ftp://client.example/",
        "https://client.example/callback#",
        "https://client.example/callback#fragment",
        "https://user@client.example/callback",
        "https://user:word@client.example/callback",
        "https://*.client.example/callback",
        "https://client.example/*",
        "http://127.0.0.1:*/callback",
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "com.example.app:/callback",
        "urn:ietf:wg:oauth:2.0:oob",
        "/callback",
        "callback",
        "",
        "https://",
        "https://client.example/call|back",
        "https://client.example/call'back",
        "https://client.example/callback?tenant={tenant}",
        "https://client.example/" + "c" * 2000,
    ],
)
def test_any_other_redirect_uri_is_refused(uri: str) -> None:
    with pytest.raises(RedirectRefused):
        accepted_redirects([uri])


@pytest.mark.parametrize("query", ["code=x", "tab=1&%63ode=x", "CODE=x", "tab=1;state=x", "iss", "error=x"])
def test_code_injection_by_a_redirect_uri_that_brings_a_part_of_the_answer(query: str) -> None:
    """To the address of another client: where a parameter comes twice, some take the first."""
    with pytest.raises(RedirectRefused, match="a parameter that the answer sets"):
        accepted_redirects([f"https://claude.ai/api/mcp/auth_callback?{query}"])


def test_a_private_use_scheme_is_left_out_beside_an_address_that_can_be_used() -> None:
    kept = accepted_redirects(["cursor://anysphere.cursor-mcp/oauth/callback", "http://localhost:8787/callback"])
    assert [str(uri) for uri in kept] == ["http://localhost:8787/callback"]


@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        ("https://claude.ai/api/mcp/auth_callback", "https://claude.ai/api/mcp/auth_callback"),
        ("https://client.example/callback", "https://client.example:443/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:51234/callback"),
        ("http://127.0.0.1:33418/", "http://127.0.0.1:50000/"),
        ("http://127.0.0.1:33418", "http://127.0.0.1:33418/"),
        ("http://localhost/callback", "http://localhost:3118/callback"),
        ("http://[::1]/callback", "http://[::1]:9/callback"),
        ("http://127.0.0.1/callback?a=b", "http://127.0.0.1:1/callback?a=b"),
    ],
)
def test_a_redirect_uri_of_the_client_is_accepted_with_any_port_on_loopback(registered: str, asked: str) -> None:
    address = URL.validate_python(asked)
    assert client(registered).validate_redirect_uri(address) == address


@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        ("https://claude.ai/callback", "https://claude.ai/callback/"),
        ("https://claude.ai/callback", "https://claude.ai/callback?x=1"),
        ("https://claude.ai/callback", "https://claude.ai/callback#"),
        ("https://claude.ai/callback", "https://claude.ai/Callback"),
        ("https://claude.ai/callback", "https://claude.ai:8443/callback"),
        ("https://claude.ai/callback", "http://claude.ai/callback"),
        ("https://claude.ai/callback", "https://claude.ai.evil.example/callback"),
        ("https://claude.ai/callback", "https://evil.example/callback"),
        ("https://claude.ai/callback", "https://user@claude.ai/callback"),
        ("https://claude.ai/callback", "https://claude.ai/a/../callback/../evil"),
        ("https://localhost/callback", "https://localhost:1234/callback"),
        ("http://127.0.0.1/callback", "http://localhost/callback"),
        ("http://localhost/callback", "http://127.0.0.1:1/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:1/other"),
        ("http://127.0.0.1/callback", "http://user@127.0.0.1:1/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:1/callback#x"),
        ("http://127.0.0.1/callback", "https://127.0.0.1/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1.evil.example/callback"),
        ("http://127.0.0.1/callback", "javascript:alert(1)"),
    ],
)
def test_any_other_address_is_refused(registered: str, asked: str) -> None:
    with pytest.raises(InvalidRedirectUriError):
        client(registered).validate_redirect_uri(URL.validate_python(asked))


def test_a_request_without_a_redirect_uri_uses_the_only_one_of_the_client() -> None:
    assert str(client("https://a.example/c").validate_redirect_uri(None)) == "https://a.example/c"
    with pytest.raises(InvalidRedirectUriError):
        client("https://a.example/c", "https://b.example/c").validate_redirect_uri(None)


def test_a_client_without_redirect_uris_gets_no_code() -> None:
    none = OAuthClient(kind="configured", client_id="c", redirect_uris=[])
    for asked in (None, URL.validate_python("https://a.example/c")):
        with pytest.raises(InvalidRedirectUriError):
            none.validate_redirect_uri(asked)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        (None, []),
        ("", []),
        ("offline_access openid", []),
        ("mail.send  mail.read offline_access root", ["mail.read", "mail.send"]),
        ("settings mail.write", ["mail.write"]),
    ],
)
def test_scopes_that_are_not_ours_are_dropped(asked: str | None, meant: list[str]) -> None:
    assert client("https://a.example/c").validate_scope(asked) == meant
