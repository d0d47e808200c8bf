"""Which messages a call is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.search.query import MailQuery
from outlook_mcp.server.arguments import explain, fitted, unknown_argument

# Of a list only.
_NOT_IN_WHERE = ("limit",)
# What the argument of mail_search is called, where it is not the name of the field.
_NAMED = {"within": "in"}
_INBOX = "inbox"


def query_of(tool: str, where: Mapping[str, Any]) -> MailQuery:
    """`where` as `mail_search` would understand the same arguments, in the Inbox unless it says otherwise.

    Raises InvalidInput, which names the field.
    """
    adapter, properties = _schema()
    for name in where:
        if name not in properties:
            raise InvalidInput(unknown_argument(f"{tool}: `where`", str(name), tuple(properties)))
    known = {public: name for name, public in _NAMED.items()}
    given = {known.get(name, name): value for name, value in fitted(where, properties).items() if value is not None}
    try:
        return adapter.validate_python({"folder": _INBOX, **given})
    except ValidationError as error:
        raise InvalidInput(explain(f"{tool}: `where`", error, tuple(properties))) from None


@cache
def _schema() -> tuple[TypeAdapter[MailQuery], Mapping[str, Any]]:
    """Made when it is used first, since a server over stdio has to start fast."""
    adapter = TypeAdapter(MailQuery)
    properties = adapter.json_schema()["properties"]
    names = [field.name for field in fields(MailQuery) if field.name not in _NOT_IN_WHERE]
    return adapter, {_NAMED.get(name, name): _not_null(properties[name]) for name in names}


def _not_null(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    branches = [branch for branch in schema.get("anyOf", ()) if branch.get("type") != "null"]
    return branches[0] if len(branches) == 1 else schema
