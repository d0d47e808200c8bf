"""The tables of the README that are made from the code."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from outlook_mcp.config import PREFIX, Configuration
from outlook_mcp.identity.scopes import SCOPES
from outlook_mcp.sandbox.graph.calendar.operations import OPERATIONS as CALENDAR_OPERATIONS
from outlook_mcp.sandbox.graph.contacts.operations import OPERATIONS as CONTACT_OPERATIONS
from outlook_mcp.sandbox.graph.mail.operations import OPERATIONS as MAIL_OPERATIONS
from outlook_mcp.sandbox.graph.not_imitated import METHODS, PATHS, ROOTS
from outlook_mcp.sandbox.graph.places.operations import places_area
from outlook_mcp.sandbox.graph.users.operations import OPERATIONS as USER_OPERATIONS
from outlook_mcp.sandbox.store import open_database
from outlook_mcp.sandbox.store.core.rooms import Rooms
from outlook_mcp.tools import CATALOGUE
from tests.architecture.picture import packages_table
from tests.cli.mistakes import MISTAKES
from tests.tools.actions import ACTIONS
from tests.tools.calendar_actions import CALENDAR_ACTIONS

README = Path(__file__).parents[2] / "README.md"
TROUBLESHOOTING = README.parent / ".github" / "TROUBLESHOOTING.md"


def tools_table() -> str:
    rows = [
        f"| `{tool.name}` | {tool.built.description} | {tool.toolset} | {'yes' if tool.reads_only else 'no'} |"
        for tool in CATALOGUE
    ]
    return "\n".join(["| tool | what it does | toolset | read-only |", "| --- | --- | --- | --- |", *rows])


def actions_table() -> str:
    """What people ask for, with the call that does it; tests check each against the tools and name the test of it."""
    rows = [
        f"| {action.asked} | `{action.tool}({', '.join(action.arguments)})` |"
        for action in (*ACTIONS, *CALENDAR_ACTIONS)
    ]
    return "\n".join(["| to | call |", "| --- | --- |", *rows])


def settings_table() -> str:
    rows = [
        f"| `{PREFIX}{name.upper()}` | {field.description} | {_default(name, field)} |"
        for name, field in Configuration.model_fields.items()
    ]
    return "\n".join(["| variable | what it sets | default |", "| --- | --- | --- |", *rows])


def scopes_table() -> str:
    rows = [
        f"| `{scope.name}` | {scope.plain_words} | {', '.join(f'`{permission}`' for permission in scope.graph)} |"
        for scope in SCOPES
    ]
    return "\n".join(["| scope | what it allows | Graph permissions behind it |", "| --- | --- | --- |", *rows])


def _imitated() -> dict[str, list[str]]:
    """The methods of each path that the sandbox's Graph has, by path below a user."""
    people = [("/users", "GET"), *((operation.pattern, operation.method) for operation in CONTACT_OPERATIONS)]
    methods: dict[str, list[str]] = {}
    for pattern, method in (
        *((operation.pattern, operation.method) for operation in USER_OPERATIONS),
        *((operation.pattern, operation.method) for operation in MAIL_OPERATIONS),
        *people,
        *_calendar_paths(),
        *_places_paths(),
    ):
        path = pattern if pattern.startswith("/") else f"/me/{pattern}".rstrip("/")
        methods.setdefault(path.replace("/{parameters}", "(...)"), []).append(method)
    return {**methods, "/$batch": ["POST"]}


def _calendar_paths() -> Iterator[tuple[str, str]]:
    """Those of events once: the text says that they are also below a calendar."""
    everywhere = {operation.pattern for operation in CALENDAR_OPERATIONS}
    for operation in CALENDAR_OPERATIONS:
        below_a_calendar = operation.pattern.removeprefix("calendars/{calendar}/").removeprefix("calendar/")
        if below_a_calendar == operation.pattern or below_a_calendar not in everywhere:
            yield operation.pattern, operation.method


def _places_paths() -> Iterator[tuple[str, str]]:
    """Types by their documented names; the short ones are taken too."""
    with closing(open_database()) as database:
        operations = places_area(Rooms(database)).operations
    for operation in operations:
        if "graph." in operation.pattern or operation.pattern == "/places/{place}":
            yield operation.pattern.replace("/graph.", "/microsoft.graph."), operation.method


def sandbox_table() -> str:
    rows = [f"| `{path}` | {', '.join(allowed)} |" for path, allowed in _imitated().items()]
    return "\n".join(["| path | methods |", "| --- | --- |", *rows])


def not_imitated_list() -> str:
    """Paths and methods; a path of which the sandbox has a part is not listed without saying so."""
    imitated = _imitated()
    paths = [*(f"/{root}" for root in ROOTS), *(f"/me/{path}" for path in PATHS)]
    listed = [
        f"`{path}`" + (" but for what the table has" if any(known.startswith(f"{path}/") for known in imitated) else "")
        for path in paths
    ]
    listed += [f"`{method} {f'/me/{path}'.rstrip('/')}`" for method, path in METHODS]
    return textwrap.fill(", ".join(listed) + ".", 120, break_long_words=False, break_on_hyphens=False)


def mistakes_table() -> str:
    """What goes wrong in the first hour, by the words that tests expect to be printed."""
    rows = [f"| {mistake.what} | {mistake.named} | {mistake.fix} |" for mistake in MISTAKES]
    return "\n".join(["| what went wrong | what is told | what to do, as told |", "| --- | --- | --- |", *rows])


def _default(name: str, field: FieldInfo) -> str:
    if field.default_factory is not None:
        return {"data_dir": "your data folder", "federated_token_file": "`$AZURE_FEDERATED_TOKEN_FILE`"}[name]
    value = field.default
    if value is None or value == ():
        return ""
    if isinstance(value, SecretStr):
        # A default is printed in the code and no secret.
        value = value.get_secret_value()
    return f"`{' '.join(value) if isinstance(value, tuple) else str(value).lower()}`"


def with_tables(text: str) -> str:
    """A document with its tables as they should be."""
    tables = {
        "actions": actions_table(),
        "mistakes": mistakes_table(),
        "not-imitated": not_imitated_list(),
        "packages": packages_table(),
        "sandbox": sandbox_table(),
        "scopes": scopes_table(),
        "settings": settings_table(),
        "tools": tools_table(),
    }
    for name, table in tables.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = pattern.sub(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", text)  # type: ignore[misc]
    return text
