"""A sign-in that a test decides the end of."""

from __future__ import annotations

from dataclasses import dataclass, field

import anyio

from outlook_mcp.errors import SignInError


@dataclass
class OneSignIn:
    """A sign-in at one address, which has `ended` or waits for ever, and what it was begun for."""

    ended: bool = False
    begun: list[SignInError] = field(default_factory=list)
    id: str = "sign-in"
    url: str = "https://login.example/begin"
    link: str = "https://login.example/b"

    async def begin_sign_in(self, needed: SignInError, account: str | None) -> OneSignIn:
        self.begun.append(needed)
        return self

    async def find_sign_in(self, sign_in_id: str) -> OneSignIn | None:
        return self if sign_in_id == self.id else None

    async def has_ended(self) -> bool:
        return self.ended

    async def wait(self) -> None:
        if not self.ended:
            await anyio.sleep_forever()
