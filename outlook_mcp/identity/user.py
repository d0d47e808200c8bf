"""Who a mailbox and its credentials belong to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class UserKey:
    """Entra tenant id and object id: the only key under which anything of a user is stored."""

    tid: str
    oid: str

    def __str__(self) -> str:
        return f"{self.tid}:{self.oid}"


# Under whom a server keeps what belongs to nobody yet, such as a sign-in under way; no tenant id is the word `server`.
SERVER = UserKey("server", "server")
