"""The random values of a sign-in, and the checks of its addresses."""

from __future__ import annotations

import base64
import hashlib

import pytest

from outlook_mcp.errors import ConfigurationError, SignInRefused
from outlook_mcp.oauth.security_service import OAuthSecurityService

REGISTERED = "https://outlook.example/connect/callback"


@pytest.fixture
def security() -> OAuthSecurityService:
    return OAuthSecurityService(redirect_uris=(REGISTERED,))


def test_the_secrets_of_a_sign_in_are_new_long_and_hidden(security: OAuthSecurityService) -> None:
    made = [security.new_secrets() for _ in range(100)]
    hidden = [secret.get_secret_value() for request in made for secret in (request.nonce, request.code_verifier)]
    values = [*hidden, *(request.state for request in made)]
    assert len(set(values)) == 300
    # 256 bits in base64.
    assert min(map(len, values)) == 43
    assert made[0].state not in repr(made[0])
    assert made[0].nonce.get_secret_value() not in repr(made[0])


def test_the_code_challenge_is_the_digest_of_the_verifier(security: OAuthSecurityService) -> None:
    made = security.new_secrets()
    digest = hashlib.sha256(made.code_verifier.get_secret_value().encode()).digest()
    assert made.code_challenge == base64.urlsafe_b64encode(digest).decode().rstrip("=")


@pytest.mark.parametrize("uri", [REGISTERED, "http://127.0.0.1:8123/callback", "http://localhost:1/callback"])
def test_a_registered_or_loopback_redirect_is_accepted(security: OAuthSecurityService, uri: str) -> None:
    assert security.check_redirect(uri) == uri


@pytest.mark.parametrize(
    "uri",
    [
        REGISTERED + "/",
        REGISTERED + "?x=1",
        "https://outlook.example.evil.example/connect/callback",
        "http://outlook.example/connect/callback",
        "http://127.0.0.1:1/other",
        "http://127.0.0.1:1/callback?x=1",
        "http://evil.example/callback",
        "http://localhost@evil.example/callback",
        "https://localhost/callback",
        "javascript:alert(1)",
    ],
)
def test_any_other_redirect_is_refused(security: OAuthSecurityService, uri: str) -> None:
    with pytest.raises(ConfigurationError):
        security.check_redirect(uri)


@pytest.mark.parametrize("url", ["https://login.example/x?a=b%20c&d=e", "http://127.0.0.1:80/x", "http://localhost:1/"])
def test_a_plain_address_may_be_opened(security: OAuthSecurityService, url: str) -> None:
    assert security.check_browser_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "a:$(cmd.exe /c whoami > c:\\temp\\pwned.txt)?response_type=code",
        "https://login.example/`id`",
        'https://login.example/"&calc',
        "https://login.example/|calc",
        "https://login.example/a b",
        "https://login.example/\n",
        "http://login.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "smb://evil.example/x",
        "https://a:$(id)@login.example/",
    ],
)
def test_an_address_that_could_run_a_command_is_not_opened(security: OAuthSecurityService, url: str) -> None:
    """CVE-2025-6514: the authorization address of a hostile server was handed to a shell."""
    with pytest.raises(SignInRefused):
        security.check_browser_url(url)
