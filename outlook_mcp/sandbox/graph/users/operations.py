"""Every operation on users: the profile of one, and the search for others."""

from __future__ import annotations

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.errors import authorization_denied, not_imitated
from outlook_mcp.sandbox.graph.core.operations import Area, Operation
from outlook_mcp.sandbox.graph.users.profiles import get_user
from outlook_mcp.sandbox.graph.users.searching import list_users
from outlook_mcp.sandbox.store.core.accounts import Accounts

_READ_ALL = ("User.Read.All", "User.ReadWrite.All", "Directory.Read.All")
_READ_OTHERS = ("User.ReadBasic.All", *_READ_ALL)
_READ = ("User.Read", "User.ReadWrite", *_READ_OTHERS)

OPERATIONS: tuple[Operation[Call], ...] = (
    Operation("GET", "", _READ, get_user, of_others=_READ_OTHERS, denial=authorization_denied),
)


def users_area() -> Area:
    return Area(OPERATIONS)


def user_search_area(accounts: Accounts) -> Area:
    """The collection of users, in which the caller finds others."""

    async def search(call: Call) -> Response:
        return await list_users(call, accounts)

    operations = (
        Operation("GET", "/users", _READ_OTHERS, search, denial=authorization_denied),
        Operation("POST", "/users", _READ, _create_user, denial=authorization_denied),
    )
    return Area(operations)


async def _create_user(call: Call) -> Response:
    raise not_imitated("POST", "users")
