"""What a browser that comes back from Microsoft was sent there for: sealed under the state, once, for ten minutes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from outlook_mcp.identity.user import Kind, UserKey
from outlook_mcp.oauth.sign_in.pending import LIFETIME_S
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.web.pages.browser import Browser, BrowserSessions

_PURPOSE = "upstream"


class _SignInPurpose(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Consent(_SignInPurpose):
    """The person allowed the client of this authorization request."""

    kind: Literal["consent"] = "consent"
    request: str = Field(repr=False)


class Identification(_SignInPurpose):
    """To find out which of these `people` is at the browser; `then` is the page of ours that wants to know."""

    kind: Literal["identification"] = "identification"
    people: Kind
    then: str = Field(repr=False)


class Linking(_SignInPurpose):
    """A mailbox for `owner`, who was at the browser; `ticket` is that of the link, None from the account page."""

    kind: Literal["linking"] = "linking"
    owner: UserKey
    ticket: str | None = Field(default=None, repr=False)


SignInPurpose = Consent | Identification | Linking


class _Upstream(_SignInPurpose):
    browser: str
    purpose: Annotated[SignInPurpose, Field(discriminator="kind")]


class UpstreamSignIns:
    """Ties each state of Microsoft's to the browser it was made for."""

    def __init__(self, tickets: Tickets, browsers: BrowserSessions) -> None:
        self._tickets = tickets
        self._browsers = browsers

    async def remember(self, state: str, browser: Browser, purpose: SignInPurpose) -> None:
        kept = _Upstream(browser=self._browsers.digest(browser), purpose=purpose)
        value = kept.model_dump_json().encode()
        await self._tickets.put(_PURPOSE, SecretStr(state), value, lifetime_s=LIFETIME_S)

    async def returned(self, state: str, browser: Browser) -> SignInPurpose | None:
        """The purpose of this state, once; None in any other browser, for which it is spent as well."""
        value = await self._tickets.take(_PURPOSE, SecretStr(state))
        if value is None:
            return None
        kept = _Upstream.model_validate_json(value)
        return kept.purpose if self._browsers.owns(browser, kept.browser) else None
