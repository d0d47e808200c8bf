"""Every operation on the profile of a user."""

from __future__ import annotations

from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.errors import authorization_denied
from outlook_mcp.sandbox.graph.core.operations import Area, Operation
from outlook_mcp.sandbox.graph.users.profiles import get_user

_READ = ("User.Read", "User.ReadWrite", "User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All")

OPERATIONS: tuple[Operation[Call], ...] = (Operation("GET", "", _READ, get_user, denial=authorization_denied),)


def users_area() -> Area:
    return Area(OPERATIONS)
