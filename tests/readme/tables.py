"""The tables of the README that are made from the code."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from outlook_mcp.config import PREFIX, Configuration
from outlook_mcp.tools import CATALOGUE

README = Path(__file__).parents[2] / "README.md"


def tools_table() -> str:
    rows = [
        f"| `{tool.name}` | {tool.build().description} | {tool.toolset} | {'yes' if tool.reads_only else 'no'} |"
        for tool in CATALOGUE
    ]
    return "\n".join(["| tool | what it does | toolset | read-only |", "| --- | --- | --- | --- |", *rows])


def settings_table() -> str:
    rows = [
        f"| `{PREFIX}{name.upper()}` | {field.description} | {_default(field)} |"
        for name, field in Configuration.model_fields.items()
    ]
    return "\n".join(["| variable | what it sets | default |", "| --- | --- | --- |", *rows])


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "your data folder"
    value = field.default
    if value is None or value == ():
        return ""
    if isinstance(value, SecretStr):
        # A default is printed in the code and no secret.
        value = value.get_secret_value()
    return f"`{' '.join(value) if isinstance(value, tuple) else str(value).lower()}`"


def with_tables(text: str) -> str:
    """The README with its tables as they should be."""
    for name, table in (("tools", tools_table()), ("settings", settings_table())):
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = pattern.sub(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", text)  # type: ignore[misc]
    return text
