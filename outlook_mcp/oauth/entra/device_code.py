"""The device authorization grant (RFC 8628): the user types a code on another device."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
from pydantic import SecretStr

from outlook_mcp.errors import Remedy, SignInRequired, SignInUnavailable
from outlook_mcp.net.addresses import is_protected
from outlook_mcp.net.json_answer import JsonAnswer

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
# Entra ID's codes last 15 minutes; no answer makes us poll for longer.
LONGEST_S = 15 * 60
# RFC 8628, 3.5.
SLOWER_BY_S = 5


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """The user types `user_code` at `verification_uri` within `expires_in_s`; meanwhile we poll every `interval_s`."""

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


async def poll_device_code(code: DeviceCode, ask: Callable[[], Awaitable[JsonAnswer]]) -> JsonAnswer:
    """Calls `ask` at the interval of the code until Entra answers anything but "pending"; that answer.

    When Entra cannot be reached or asks for it, the interval grows by 5 s. Raises SignInRequired when the code expires
    before the user types it.
    """
    interval = float(code.interval_s)
    try:
        with anyio.fail_after(code.expires_in_s):
            while True:
                await anyio.sleep(interval)
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
