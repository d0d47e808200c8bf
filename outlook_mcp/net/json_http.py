"""JSON over HTTP with an issuer of tokens: bounded in time and size, no redirects, no cookies, no secrets in errors.

Loads httpx, which takes 150 ms: import this module only where a request is about to be sent.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import anyio
import httpx
from pydantic import SecretStr

from outlook_mcp.errors import ConfigurationError, SignInUnavailable
from outlook_mcp.net.addresses import require_protected
from outlook_mcp.net.json_answer import JsonAnswer, PageAnswer
from outlook_mcp.net.proxies import NO_PROXIES, Proxies, without_password
from outlook_mcp.net.trust import tls_context

# Bytes.
LARGEST_ANSWER = 1024 * 1024


class JsonHttp:
    """A connection pool for the issuer at `address`, opened at the first request. Errors call the issuer `peer`.

    Every request ends within `deadline_s` seconds. It raises SignInUnavailable when the issuer cannot be reached or
    does not answer with a JSON object, and ConfigurationError for an address or a certificate that cannot be used.
    `ca_file` holds certificate authorities (PEM) to trust besides those of the system; `proxies` says what goes through
    a proxy.
    """

    def __init__(
        self, peer: str, address: str, *, ca_file: Path | None, deadline_s: float, proxies: Proxies = NO_PROXIES
    ) -> None:
        self._peer = peer
        self._proxy = proxies.proxy_for(require_protected(address, f"address of {peer}"))
        self._ca_file = ca_file
        self._deadline_s = deadline_s
        self._client: httpx.AsyncClient | None = None

    async def get_json(self, url: str) -> JsonAnswer:
        """Sends a GET request."""
        return await self._send_request("GET", url)

    async def get_page(self, url: str) -> PageAnswer:
        """Sends a GET request as a browser would; any answer will do, and its text is cut off at 1 MiB."""
        async with self._streamed_answer("GET", url, None, None) as response:
            text = bytearray()
            async for chunk in response.aiter_bytes():
                text += chunk
                if len(text) > LARGEST_ANSWER:
                    break
            location = response.headers.get("location", "")
            date = response.headers.get("date", "")
            return PageAnswer(response.status_code, location, text.decode("utf-8", "replace"), date)

    async def post_form(
        self, url: str, form: Mapping[str, str], *, basic: tuple[str, SecretStr] | None = None
    ) -> JsonAnswer:
        """Posts a form; `basic` is a client id and its secret for HTTP Basic authentication (RFC 6749, 2.3.1)."""
        auth = None if basic is None else (quote_plus(basic[0]), quote_plus(basic[1].get_secret_value()))
        return await self._send_request("POST", url, form, auth)

    async def aclose(self) -> None:
        """Closes the connections; the next request opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _send_request(
        self, method: str, url: str, form: Mapping[str, str] | None = None, auth: tuple[str, str] | None = None
    ) -> JsonAnswer:
        async with self._streamed_answer(method, url, form, auth) as response:
            return JsonAnswer(response.status_code, await self._json_object(response))

    @asynccontextmanager
    async def _streamed_answer(
        self, method: str, url: str, form: Mapping[str, str] | None, auth: tuple[str, str] | None
    ) -> AsyncIterator[httpx.Response]:
        require_protected(url, f"address of {self._peer}")
        client = self._client or self._open()
        try:
            with anyio.fail_after(self._deadline_s):
                async with client.stream(method, url, data=form, auth=auth) as response:
                    yield response
        except TimeoutError:
            raise self._unavailable(f"did not answer within {self._deadline_s:g} s") from None
        except httpx.HTTPError as error:
            if isinstance(error.__context__, ssl.SSLError) or "CERTIFICATE" in str(error).upper():
                raise self._untrusted() from None
            through = "" if self._proxy is None else f" through the proxy {without_password(self._proxy)}"
            raise self._unavailable(f"could not be reached{through} ({type(error).__name__})") from None

    async def _json_object(self, response: httpx.Response) -> Mapping[str, Any]:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise self._unavailable("sent too large an answer")
        try:
            value = json.loads(bytes(body))
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise self._unavailable(f"sent an answer that cannot be read (HTTP {response.status_code})")
        return value

    def _open(self) -> httpx.AsyncClient:
        # A cookie jar that stores nothing: no cookie of one user's answer may be sent with another user's request.
        jar = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        self._client = httpx.AsyncClient(
            verify=tls_context(self._ca_file),
            proxy=None if self._proxy is None else self._proxy.get_secret_value(),
            cookies=jar,
            follow_redirects=False,
            timeout=self._deadline_s,
            trust_env=False,
            headers={"Accept": "application/json"},
        )
        return self._client

    def _unavailable(self, what: str) -> SignInUnavailable:
        return SignInUnavailable(f"{self._peer} {what}.")

    def _untrusted(self) -> ConfigurationError:
        return ConfigurationError(
            f"The certificate of {self._peer} is not trusted.",
            next_step="Name your organisation's certificate authority in OUTLOOK_MCP_CA_FILE.",
        )
