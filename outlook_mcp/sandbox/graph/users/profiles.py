"""GET /me and /users/{id}: the profile of a user in the directory."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.query.options import select_of
from outlook_mcp.sandbox.store.core.accounts import Account


async def get_user(call: Call) -> Response:
    account = call.account
    default = _default_properties(account)
    whole = default | {
        "mailNickname": account.upn.partition("@")[0],
        "accountEnabled": True,
        "proxyAddresses": [f"SMTP:{account.upn}"],
    }
    select = select_of(call.options.select, whole, "user")
    name = f"users({','.join(sorted(select))})/$entity" if select else "users/$entity"
    chosen = default if select is None else {name: value for name, value in whole.items() if name in select}
    return call.answer({"@odata.context": call.type_context(name), **chosen})


def _default_properties(account: Account) -> dict[str, Any]:
    """What is answered without $select."""
    given, _, family = account.display_name.rpartition(" ")
    return {
        "businessPhones": [],
        "displayName": account.display_name,
        "givenName": given or account.display_name,
        "jobTitle": None,
        "mail": account.upn,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": "en-US",
        "surname": family if given else None,
        "userPrincipalName": account.upn,
        "id": account.oid,
    }
