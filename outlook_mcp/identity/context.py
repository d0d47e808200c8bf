"""The caller of one request."""

from __future__ import annotations

from dataclasses import dataclass

from outlook_mcp.identity.session import Session
from outlook_mcp.identity.user import UserKey


@dataclass(frozen=True, slots=True)
class UserContext:
    """One caller in one session; made for each call and never shared between users."""

    user: UserKey
    session: Session

    def __post_init__(self) -> None:
        if self.session.user != self.user:
            raise ValueError("the session belongs to somebody else")
