"""JSON over HTTP with Entra ID: bounded in time and size, no redirects, no cookies, no secrets in errors."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from outlook_mcp.errors import ConfigurationError, SignInUnavailable
from outlook_mcp.oauth.addresses import is_loopback, require_protected

if TYPE_CHECKING:
    import httpx

LARGEST_ANSWER = 1024 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class EntraAnswer:
    """`status` and the JSON object of the body, which may hold tokens."""

    status: int
    body: Mapping[str, Any]


class EntraHttp:
    """One connection pool, opened at first use."""

    def __init__(self, authority: str, *, ca_file: Path | None, deadline_s: float) -> None:
        self._authority = authority
        self._ca_file = ca_file
        self._deadline_s = deadline_s
        self._client: httpx.AsyncClient | None = None

    async def get(self, url: str) -> EntraAnswer:
        return await self._send("GET", url, None)

    async def post(self, url: str, form: Mapping[str, str]) -> EntraAnswer:
        return await self._send("POST", url, form)

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _send(self, method: str, url: str, form: Mapping[str, str] | None) -> EntraAnswer:
        require_protected(url, "address of Entra ID")
        client = self._client or self._open()
        import httpx  # 150 ms of start-up that only a sign-in or a refresh should pay

        try:
            async with asyncio.timeout(self._deadline_s):
                async with client.stream(method, url, data=form) as response:
                    return EntraAnswer(response.status_code, _json_object(await _read(response), response.status_code))
        except TimeoutError:
            raise SignInUnavailable(f"Entra ID did not answer within {self._deadline_s:g} s.") from None
        except httpx.ConnectError as error:
            if isinstance(error.__context__, ssl.SSLError) or "CERTIFICATE" in str(error).upper():
                raise _untrusted() from None
            raise SignInUnavailable("Entra ID could not be reached.") from None
        except httpx.HTTPError as error:
            raise SignInUnavailable(f"The connection to Entra ID failed ({type(error).__name__}).") from None

    def _open(self) -> httpx.AsyncClient:
        import httpx

        trust_env = not is_loopback(urlsplit(self._authority).hostname or "")
        # A jar that keeps nothing: cookies of one user's answer must not travel with another's request.
        jar = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        self._client = httpx.AsyncClient(
            verify=_trust(self._ca_file, trust_env),
            cookies=jar,
            follow_redirects=False,
            timeout=self._deadline_s,
            trust_env=trust_env,
            headers={"Accept": "application/json"},
        )
        return self._client


def _trust(ca_file: Path | None, trust_env: bool) -> ssl.SSLContext:
    """The public authorities, those of this machine, and those of `ca_file`."""
    import httpx

    context = httpx.create_ssl_context(trust_env=trust_env)
    context.load_default_certs()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError):
            raise ConfigurationError(f"ca_file: {ca_file} holds no certificate that can be read.") from None
    return context


def _untrusted() -> ConfigurationError:
    return ConfigurationError(
        "The certificate of Entra ID is not trusted.",
        next_step="Name your organisation's certificate authority in OUTLOOK_MCP_CA_FILE.",
    )


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise SignInUnavailable("The answer of Entra ID was too large.")
    return bytes(body)


def _json_object(body: bytes, status: int) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    raise SignInUnavailable(f"The answer of Entra ID could not be read (HTTP {status}).")
