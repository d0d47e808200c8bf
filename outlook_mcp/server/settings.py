"""How long a call may take, and how long it waits for a person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSettings:
    """All in seconds.

    `deadline_s` is for the work of one call, without the time a person takes to sign in. `sign_in_round_s` is how long
    a retried request of the modern era waits for the sign-in before it asks again: the SDK's client gives up after ten
    rounds, so a person has about four minutes. `sign_in_legacy_s` is how long a request of the legacy era waits.
    """

    deadline_s: float = 330.0
    sign_in_round_s: float = 25.0
    sign_in_legacy_s: float = 120.0
