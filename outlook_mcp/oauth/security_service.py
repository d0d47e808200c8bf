"""The random values of a sign-in (state, nonce, code verifier), and the checks of its redirect URI and address."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import SecretStr

from outlook_mcp.errors import ConfigurationError, SignInRefused
from outlook_mcp.net.addresses import has_only_url_characters, is_protected

CALLBACK_PATH = "/callback"


@dataclass(frozen=True, slots=True)
class SignInSecrets:
    """256 random bits each: `state` ties the callback to the request, `nonce` the id token, the verifier the code."""

    state: str = field(repr=False)
    nonce: SecretStr
    code_verifier: SecretStr

    @property
    def code_challenge(self) -> str:
        """S256 of RFC 7636."""
        digest = hashlib.sha256(self.code_verifier.get_secret_value().encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class OAuthSecurityService:
    """`redirect_uris` are the https callbacks of a server; a loopback callback needs no entry."""

    def __init__(self, *, redirect_uris: tuple[str, ...] = ()) -> None:
        self._redirect_uris = redirect_uris

    def new_secrets(self) -> SignInSecrets:
        return SignInSecrets(
            secrets.token_urlsafe(32), SecretStr(secrets.token_urlsafe(32)), SecretStr(secrets.token_urlsafe(32))
        )

    def check_redirect(self, uri: str) -> str:
        """`uri`, when it is a registered one or the loopback callback.

        Raises ConfigurationError otherwise.
        """
        if uri in self._redirect_uris and is_protected(uri):
            return uri
        parts = urlsplit(uri)
        plain = parts.path == CALLBACK_PATH and not (parts.query or parts.fragment)
        if plain and parts.scheme == "http" and is_protected(uri):
            return uri
        raise ConfigurationError("redirect_uri: expected a registered https:// address or the loopback callback.")

    def check_browser_url(self, url: str) -> str:
        """`url`, when it may be shown to a person or handed to a browser (compare CVE-2025-6514).

        Raises SignInRefused for anything but https, or http on this machine, in plain URL characters.
        """
        if is_protected(url) and has_only_url_characters(url):
            return url
        raise SignInRefused("The sign-in address is not one that may be opened.")
