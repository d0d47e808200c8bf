"""Where Graph access tokens come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pydantic import SecretStr

from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation


class TokenSource(Protocol):
    """Gives valid Graph access tokens."""

    async def access_token(
        self,
        user: UserKey,
        connection: ConnectionId | None = None,
        *,
        claims: str | None = None,
        rejected: SecretStr | None = None,
    ) -> SecretStr:
        """A token of `user` for the mailbox of `connection` (None: the default one). Raises SignInError.

        `claims` is the claims challenge of a 401 answer, still encoded: the new token has to satisfy it. `rejected` is
        a token that Graph refused without a challenge: any other token will do.
        """


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request whose token Graph refused with 401, and the claims challenge that came with it ("" for none)."""

    request: RequestInformation
    claims: str
