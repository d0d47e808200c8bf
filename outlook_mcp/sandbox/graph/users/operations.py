"""Every operation on the profile of a user."""

from __future__ import annotations

from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.errors import authorization_denied
from outlook_mcp.sandbox.graph.core.operations import Area, Operation
from outlook_mcp.sandbox.graph.users.profiles import get_user

_READ_ALL = ("User.Read.All", "User.ReadWrite.All", "Directory.Read.All")
_READ_OTHERS = ("User.ReadBasic.All", *_READ_ALL)
_READ = ("User.Read", "User.ReadWrite", *_READ_OTHERS)

OPERATIONS: tuple[Operation[Call], ...] = (
    Operation("GET", "", _READ, get_user, of_others=_READ_OTHERS, denial=authorization_denied),
)


def users_area() -> Area:
    return Area(OPERATIONS)
