"""Sign-ins at Microsoft or another issuer whose callback has not come yet: what each is for, by its `state`.

A record is used once, within ten minutes.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from outlook_mcp.identity.user import Kind, UserKey
from outlook_mcp.oauth.sign_in.pending import LIFETIME_S
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.web.pages.browser import Browser, BrowserSessions

_PURPOSE = "started_sign_in"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ConsentSignIn(_Record):
    """The user allowed a client; `request` is the handle of its authorization request."""

    kind: Literal["consent"] = "consent"
    request: str = Field(repr=False)


class PageSignIn(_Record):
    """The user signs in to our own pages, at the identity provider for `user_kind`, and goes on to `return_to`."""

    kind: Literal["page"] = "page"
    user_kind: Kind
    return_to: str = Field(repr=False)


class MailboxSignIn(_Record):
    """`owner` connects a mailbox; `ticket` is that of a `ConnectLink`, None from the account page."""

    kind: Literal["mailbox"] = "mailbox"
    owner: UserKey
    ticket: str | None = Field(default=None, repr=False)


SignInPurpose = ConsentSignIn | PageSignIn | MailboxSignIn


class _StartedSignIn(_Record):
    """`browser` is the digest of the browser's cookie."""

    browser: str
    purpose: Annotated[SignInPurpose, Field(discriminator="kind")]


class StartedSignIns:
    """Binds the `state` of each sign-in to the browser that started it."""

    def __init__(self, tickets: Tickets, browsers: BrowserSessions) -> None:
        self._tickets = tickets
        self._browsers = browsers

    async def store_sign_in(self, state: str, browser: Browser, purpose: SignInPurpose) -> None:
        record = _StartedSignIn(browser=self._browsers.digest_of(browser), purpose=purpose)
        value = record.model_dump_json().encode()
        await self._tickets.put_ticket(_PURPOSE, SecretStr(state), value, lifetime_s=LIFETIME_S)

    async def take_purpose(self, state: str, browser: Browser) -> SignInPurpose | None:
        """The purpose of the sign-in with this state; None when it is unknown, expired or another browser's.

        The record is used up in every case.
        """
        value = await self._tickets.take_ticket(_PURPOSE, SecretStr(state))
        if value is None:
            return None
        started = _StartedSignIn.model_validate_json(value)
        return started.purpose if self._browsers.has_digest(browser, started.browser) else None
