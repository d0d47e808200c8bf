"""Which messages a call is about: their ids, a search whose messages are shown first, or the code of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.ids import Handle, MessageId
from outlook_mcp.mail.lazy import Confirmation, MessageResult, Targets
from outlook_mcp.mail.search.mail_query import EVERYTHING, MailQuery
from outlook_mcp.server.argument_names import unknown_argument
from outlook_mcp.server.arguments import explain, fitted
from outlook_mcp.server.services import Call, record_of

# Of a list only; a change reaches all that matches.
_NOT_IN_WHERE = ("limit",)
# What the argument of mail_search is called, where it is not the name of the field.
_NAMED = {"within": "in"}
_INBOX = "inbox"
_NO_CHOICE = frozenset({"folder", "oldest_first"})


def targets_of(
    tool: str, ids: Sequence[Handle] | None, where: Mapping[str, Any] | None, confirm: str | None
) -> Targets | MailQuery:
    """The query of a call that only shows what it would change. Raises InvalidInput.

    >>> targets_of("mail_delete", None, None, "abcd2345")
    Confirmation(code='abcd2345', query=None)
    """
    if ids and (where or confirm):
        raise InvalidInput(f"{tool} takes `ids` or `where`, not both.", next_step="Leave one of them out.")
    if ids:
        return ids
    if confirm:
        return Confirmation(confirm, query_of(tool, where) if where else None)
    return query_of(tool, where or {})


def query_of(tool: str, where: Mapping[str, Any]) -> MailQuery:
    """`where` as `mail_search` would understand the same arguments, in the Inbox unless it says otherwise.

    Raises InvalidInput, which names the field; also for no field at all, or none with a value.
    """
    adapter, properties = _schema()
    for name in where:
        if name not in properties:
            raise InvalidInput(unknown_argument(f"{tool}: `where`", str(name), tuple(properties)))
    empty = [name for name, value in where.items() if _is_empty(name, value)]
    given = {name: value for name, value in where.items() if value is not None and name not in empty}
    if not given:
        raise InvalidInput(
            f"{tool} needs `ids`, or `where` with at least one field of mail_search.",
            next_step='Such as where={"sender": "bob@contoso.example", "folder": "inbox"}.',
        )
    if empty and given.keys() <= _NO_CHOICE:
        # In a list it stands for all messages, which nobody may have meant to change.
        raise InvalidInput(
            f"{tool}: `where` chooses nothing by {' and '.join(f'`{name}`' for name in empty)}.",
            next_step="Give a value, or leave it out to change all messages of the folder.",
        )
    known = {public: name for name, public in _NAMED.items()}
    given = {known.get(name, name): value for name, value in fitted(given, properties).items()}
    try:
        return adapter.validate_python({"folder": _INBOX, **given})
    except ValidationError as error:
        told = explain(f"{tool}: `where`", error, tuple(properties))
        for name, public in _NAMED.items():
            told = told.replace(f"`{name}`", f"`{public}`")
        raise InvalidInput(told) from None


def _is_empty(name: str, value: Any) -> bool:
    """Whether it means all messages. A folder `*` is every folder, and a file `*` any file."""
    return isinstance(value, str) and value.strip() in (EVERYTHING if name == "text" else ("",))


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


class ChangeProgress:
    """Tells the client how far a change is, and puts on record how many messages were changed, also when it is stopped.

    Clients that ask for progress get it; one that waits for a fixed time waits from the last of it.
    """

    def __init__(self, call: Call, short: Any) -> None:
        """`short` makes the short id of a full one."""
        self._call = call
        self._record = record_of(call)
        self._short = short

    def batch_began(self, ids: Sequence[MessageId]) -> None:
        for message_id in ids:
            self._record.shown(self._short(message_id))
        self._record.unclear += len(ids)

    async def batch_ended(self, results: Sequence[MessageResult], done: int, total: int) -> None:
        self._record.unclear -= sum(not result.is_open for result in results)
        self._record.changed += sum(result.is_done for result in results)
        if total > len(results):
            await self._call.report_progress(done, total)


def progress_of(call: Call, mailbox: Any) -> ChangeProgress:
    """For a change of messages in this mailbox."""
    return ChangeProgress(call, mailbox.handles.short)
