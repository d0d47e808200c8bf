"""What `users`, `sessions`, `audit` and `keys` print with `--json`: the same facts, for other programs."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from outlook_mcp.cli.output import escaped
from outlook_mcp.cli.user_records import Person
from outlook_mcp.identity.session import Session
from outlook_mcp.oauth.connections.connection import Connection


def print_json(value: object) -> None:
    """As indented JSON. Names in it may come from outside."""
    print(escaped(json.dumps(value, indent=2, ensure_ascii=False)))


def user_fields(person: Person) -> dict[str, Any]:
    """Key, addresses, whether they are blocked, mailboxes and sessions; null where records cannot be read."""
    mailboxes = TypeAdapter(tuple[Connection, ...] | None).dump_python(person.connections, mode="json")
    return {
        "user": str(person.user),
        "addresses": list(person.addresses),
        "blocked": person.is_blocked,
        "mailboxes": mailboxes,
        "sessions": session_fields(person),
    }


def session_fields(person: Person) -> Any:
    """The sessions of the user as a list; None when they cannot be read."""
    return TypeAdapter(tuple[Session, ...] | None).dump_python(person.sessions, mode="json")
