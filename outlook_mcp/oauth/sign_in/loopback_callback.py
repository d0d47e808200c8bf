"""Handles the callback of a sign-in in a browser on this machine."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import anyio

from outlook_mcp.answers.remedies import Audience, explanation
from outlook_mcp.errors import OutlookError
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.sign_in.loopback import Page

_UNKNOWN_STATE = Page(HTTPStatus.BAD_REQUEST, "This is not the sign-in that was started")


class LoopbackCallback:
    """Completes one sign-in, once: the one whose `state` is set. A callback with another state changes nothing.

    `complete` redeems the parameters of the callback, as OAuthManager.complete_sign_in.
    """

    def __init__(self, complete: Callable[[Mapping[str, str]], Awaitable[Connection]]) -> None:
        self.state = ""
        self._complete = complete
        self._is_used = False
        self._has_ended = anyio.Event()
        self._outcome: Connection | Exception | None = None

    async def wait(self) -> Connection:
        """The mailbox that was connected; raises the error of `complete`."""
        await self._has_ended.wait()
        if isinstance(self._outcome, Connection):
            return self._outcome
        raise self._outcome or RuntimeError("the sign-in ended without an outcome")

    async def receive(self, callback: Mapping[str, str]) -> Page:
        """The page for the person; the sign-in is completed before it is shown."""
        if not self.state or not hmac.compare_digest(callback.get("state", "").encode(), self.state.encode()):
            return _UNKNOWN_STATE
        if self._is_used:
            return Page(HTTPStatus.GONE, "This sign-in was used already")
        self._is_used = True
        try:
            connection = await self._complete(callback)
        except OutlookError as error:
            self._end(error)
            return Page(HTTPStatus.OK, "You are not signed in", explanation(error, Audience.WEB_PAGE))
        except Exception as error:
            self._end(error)
            return Page(HTTPStatus.INTERNAL_SERVER_ERROR, "You are not signed in")
        self._end(connection)
        return Page(HTTPStatus.OK, "You are signed in", f"{connection.address}: you can close this window.")

    def _end(self, outcome: Connection | Exception) -> None:
        self._outcome = outcome
        self._has_ended.set()
