"""GET /me and /users/{id}: the profile of a user in the directory."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.errors import bad_request, not_imitated_value
from outlook_mcp.sandbox.query.options import select_of
from outlook_mcp.sandbox.store.core.accounts import Account

# Returned without $select.
_DEFAULT = (
    *("businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation"),
    *("preferredLanguage", "surname", "userPrincipalName", "id"),
)
# What User.ReadBasic.All shows of other users.
_BASIC = frozenset({"displayName", "givenName", "mail", "surname", "userPrincipalName", "id"})
_READ_WHOLE = ("User.Read.All", "User.ReadWrite.All", "Directory.Read.All")
# Properties that a directory may have and this one has not.
_EMPTY: dict[str, Any] = {
    **dict.fromkeys(
        (
            *("ageGroup", "city", "companyName", "country", "department", "employeeHireDate", "employeeId"),
            *("employeeType", "externalUserState", "faxNumber", "jobTitle", "mobilePhone", "officeLocation"),
            *("postalCode", "state", "streetAddress", "usageLocation"),
        )
    ),
    **{name: [] for name in ("businessPhones", "identities", "imAddresses", "otherMails")},
}


async def get_user(call: Call) -> Response:
    _check_expansions(call)
    select = select_of(call.options.select, properties_of(call.account), "user")
    name = f"users({','.join(call.in_request_order(select))})/$entity" if select else "users/$entity"
    return call.json_answer({"@odata.context": call.type_context(name), **user_json(call, call.account)})


def user_json(call: Call, account: Account) -> dict[str, Any]:
    """The selected properties, of those that the caller may see."""
    whole = properties_of(account)
    select = select_of(call.options.select, whole, "user")
    chosen = frozenset(_DEFAULT) if select is None else select
    if account.oid != call.caller.oid and not call.allows(*_READ_WHOLE):
        chosen &= _BASIC
    return {name: value for name, value in whole.items() if name in chosen}


def _check_expansions(call: Call) -> None:
    """The refusal of `photo` is that of https://learn.microsoft.com/graph/query-parameters."""
    for expansion in call.options.expand:
        if expansion.name == "photo":
            message = "Expand is not allowed for property 'Photo' according to the entity schema."
            raise bad_request(message, "ExpandNotSupported")
        raise not_imitated_value(f"expansion '{expansion.name}' of a user")


def properties_of(account: Account) -> dict[str, Any]:
    """All that the directory has of a user, and that it has nothing for."""
    given, _, family = account.display_name.rpartition(" ")
    return {
        **_EMPTY,
        "accountEnabled": True,
        "displayName": account.display_name,
        "givenName": given or account.display_name,
        "id": account.oid,
        "mail": account.upn,
        "mailNickname": account.upn.partition("@")[0],
        "preferredLanguage": "en-US",
        "proxyAddresses": [f"SMTP:{account.upn}", *(f"smtp:{alias}" for alias in account.aliases)],
        "surname": family if given else None,
        "userPrincipalName": account.upn,
        "userType": "Member",
    }
