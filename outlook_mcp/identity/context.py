"""What a tool call knows of its caller."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from outlook_mcp.identity.email_config import UserEmailConfig
from outlook_mcp.identity.session import Session
from outlook_mcp.identity.user import UserKey


@dataclass(frozen=True)
class UserContext:
    """One caller in one session; made for each call and never shared between users."""

    session: Session
    user: UserKey
    email: UserEmailConfig

    def __post_init__(self) -> None:
        if self.session.user != self.user:
            raise ValueError("the session belongs to somebody else")

    @cached_property
    def time_zone(self) -> ZoneInfo:
        return self.email.zone()
