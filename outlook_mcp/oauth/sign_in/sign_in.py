"""A sign-in in progress, for which any number of callers may wait."""

from __future__ import annotations

import secrets
from collections.abc import Coroutine
from typing import Any

import anyio
import anyio.lowlevel

from outlook_mcp.net.tasks import end_task, result_of, start_task
from outlook_mcp.oauth.connections.connection import Connection


class SignIn:
    """The person signs in at `url`, with a device code by typing `user_code` there. `id` is no secret.

    `link` is the shortest address that leads to `url`, for whoever pays for each letter of it.

    `work` waits for the person and connects the mailbox. It starts at once, and goes on after the request that began
    the sign-in has ended.
    """

    def __init__(
        self, url: str, work: Coroutine[Any, Any, Connection], *, user_code: str | None = None, link: str = ""
    ) -> None:
        self.id = secrets.token_hex(8)
        self.url = url
        self.link = link or url
        self.user_code = user_code
        self._outcome = start_task(work)

    def __repr__(self) -> str:
        return f"SignIn({self.id}, {'done' if self.done else 'waiting'})"

    @property
    def done(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._outcome.done()

    async def wait(self, timeout_s: float | None = None) -> Connection:
        """The mailbox that was connected. A caller that is cancelled does not end the sign-in.

        Raises:
            TimeoutError: the sign-in is still in progress after `timeout_s` seconds.
            SignInError: it failed, was declined, or was not finished in time.
        """
        with anyio.fail_after(timeout_s):
            return await result_of(self._outcome)

    async def cancel(self) -> None:
        """Ends the sign-in and closes its listener."""
        # A task that is cancelled before its first step never runs its `finally`.
        await anyio.lowlevel.checkpoint()
        await end_task(self._outcome)
