"""What happens when the browser comes back to this machine."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from outlook_mcp.answers.remedies import Audience, explanation
from outlook_mcp.errors import OutlookError
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.sign_in.loopback import Page

STRANGER = Page(HTTPStatus.BAD_REQUEST, "This is not the sign-in that was started")


class LoopbackReturn:
    """Completes the one sign-in of `state`; a callback with another state changes nothing."""

    def __init__(self, complete: Callable[[Mapping[str, str]], Awaitable[Connection]]) -> None:
        self.state = ""
        self.connection: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
        self._complete = complete
        self._taken = False

    async def receive(self, callback: Mapping[str, str]) -> Page:
        """Shows the person how it went, after it is known."""
        if not self.state or not hmac.compare_digest(callback.get("state", "").encode(), self.state.encode()):
            return STRANGER
        if self._taken:
            return Page(HTTPStatus.GONE, "This sign-in was used already")
        self._taken = True
        try:
            connection = await self._complete(callback)
        except OutlookError as error:
            self._fail(error)
            return Page(HTTPStatus.OK, "You are not signed in", explanation(error, Audience.WEB_PAGE))
        except Exception as error:
            self._fail(error)
            return Page(HTTPStatus.INTERNAL_SERVER_ERROR, "You are not signed in")
        if not self.connection.done():
            self.connection.set_result(connection)
        return Page(HTTPStatus.OK, "You are signed in", f"{connection.address}: you can close this window.")

    def _fail(self, error: Exception) -> None:
        if not self.connection.done():
            self.connection.set_exception(error)
