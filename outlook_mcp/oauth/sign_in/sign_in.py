"""A sign-in under way, which any number of callers may wait for."""

from __future__ import annotations

import asyncio
import secrets

from outlook_mcp.oauth.connections.connection import Connection


class SignIn:
    """`url` is where the person goes; with a device code, `user_code` is what to type there. `id` is no secret."""

    def __init__(self, url: str, outcome: asyncio.Task[Connection], *, user_code: str | None = None) -> None:
        self.id = secrets.token_hex(8)
        self.url = url
        self.user_code = user_code
        self._outcome = outcome
        # Nobody may be waiting when it fails; a failure nobody asked for is not worth a warning.
        outcome.add_done_callback(lambda task: None if task.cancelled() else task.exception() and None)

    def __repr__(self) -> str:
        return f"SignIn({self.id}, {'done' if self.done else 'waiting'})"

    @property
    def done(self) -> bool:
        return self._outcome.done()

    async def wait(self, timeout_s: float | None = None) -> Connection:
        """The mailbox that was connected; a caller who gives up does not end the sign-in.

        Raises:
            TimeoutError: the sign-in is still open after `timeout_s`.
            SignInError: it failed, was declined, or was not finished in time.
        """
        async with asyncio.timeout(timeout_s):
            return await asyncio.shield(self._outcome)

    async def cancel(self) -> None:
        """Ends the sign-in and closes what it held open."""
        await asyncio.sleep(0)  # a task cancelled before its first step would never close anything
        self._outcome.cancel()
        await asyncio.wait((self._outcome,))
