"""How long tokens and connections are cached, and how long their refresh may wait. A test hands in other times."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthTiming:
    """All times are in seconds.

    `trusted_s` is how long what was read from the vault is used without asking the vault again, so a logout on another
    server takes effect within it. `early_refresh_retry_s` is the least time between two refreshes of a token that is
    still valid. `refusal_s` is how long a refusal of Entra ID is remembered: Entra throttles an app that repeats a
    refused refresh (AADSTS50196). `lease_s` is the life of a refresh lease that its holder does not extend.
    `recheck_after_s` are the pauses after which the vault is read again when Entra refused a refresh token: another
    process may be about to store its successor. `save_s` is how long the vault is tried again to store new tokens, and
    `closing_s` how long a server that stops waits for refreshes under way.
    """

    trusted_s: float = 5.0
    early_refresh_retry_s: float = 30.0
    refusal_s: float = 60.0
    lease_s: float = 6.0
    recheck_after_s: tuple[float, ...] = (0.0, 0.2, 0.6)
    save_s: float = 10.0
    closing_s: float = 15.0
