"""The device authorization grant (RFC 8628): a code to type on another device."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from outlook_mcp.errors import Remedy, SignInRequired, SignInUnavailable
from outlook_mcp.net.addresses import is_protected
from outlook_mcp.net.json_http import JsonAnswer

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
LONGEST_S = 15 * 60
SLOWER_BY_S = 5


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """`user_code` is typed at `verification_uri` within `expires_in_s`; Entra is asked every `interval_s`."""

    device_code: SecretStr
    user_code: str = field(repr=False)
    verification_uri: str
    expires_in_s: int
    interval_s: int


def read_device_code(body: Mapping[str, Any]) -> DeviceCode:
    """Raises SignInUnavailable when the body is not an answer of RFC 8628 section 3.2."""
    code, user_code, uri = body.get("device_code"), body.get("user_code"), body.get("verification_uri")
    expires_in, interval = body.get("expires_in"), body.get("interval", 5)
    if not (isinstance(code, str) and isinstance(user_code, str) and isinstance(uri, str) and is_protected(uri)):
        raise SignInUnavailable("The device code answer of Entra ID could not be read.")
    if not (isinstance(expires_in, int) and isinstance(interval, int) and expires_in > 0 and interval >= 0):
        raise SignInUnavailable("The device code answer of Entra ID could not be read.")
    return DeviceCode(SecretStr(code), user_code, uri, min(expires_in, LONGEST_S), max(interval, 1))


async def poll(code: DeviceCode, ask: Callable[[], Awaitable[JsonAnswer]]) -> JsonAnswer:
    """Asks until Entra gives an answer other than "pending"; an unreachable Entra is asked again, more slowly.

    Raises SignInRequired when the code expired unused.
    """
    interval = float(code.interval_s)
    try:
        async with asyncio.timeout(code.expires_in_s):
            while True:
                await asyncio.sleep(interval)
                try:
                    answer = await ask()
                except SignInUnavailable:
                    interval += SLOWER_BY_S
                    continue
                error = answer.body.get("error")
                if error == "slow_down" or answer.status >= 500 or answer.status == 429:
                    interval += SLOWER_BY_S
                elif error != "authorization_pending":
                    return answer
    except TimeoutError:
        raise SignInRequired("The device code has expired.", remedy=Remedy.START_SIGN_IN_AGAIN) from None
