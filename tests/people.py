"""Who an address is in the directory of a sandbox."""

from __future__ import annotations

from outlook_mcp.identity.user import UserKey
from outlook_mcp.sandbox import Sandbox, User


def user_of(sandbox: Sandbox, address: str) -> User:
    user = sandbox.directory.user(address)
    assert user is not None
    return user


def key_of(sandbox: Sandbox, address: str) -> UserKey:
    user = user_of(sandbox, address)
    return UserKey(user.tid, user.oid)
