"""The file in which an MCP client keeps its servers: read, and changed with every other letter as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_TEXT = r'("(?:\\.|[^"\\])*")'
# What VS Code allows in its files beyond JSON; a text may look like it.
_COMMENTS = re.compile(rf"{_TEXT}|//[^\n]*|/\*.*?\*/", re.DOTALL)
_LAST_COMMAS = re.compile(rf"{_TEXT}|,(?=\s*[}}\]])")
_SPACE = re.compile(r"\s*")
_DECODER = json.JSONDecoder()


def parsed(text: str) -> Any:
    """What the file says; an empty one says as little as `{}`. Raises ValueError.

    >>> parsed('{"a": "// b,]", /* c */ "d": [1, 2,],} // e')
    {'a': '// b,]', 'd': [1, 2]}
    """
    for pattern in (_COMMENTS, _LAST_COMMAS):
        text = pattern.sub(lambda found: found[1] or "", text)
    return json.loads(text.strip() or "{}")


def with_server(text: str, name: str, entry: Mapping[str, object]) -> str:
    """The text of a JSON file with this server in its object `mcpServers`, in the place of one of the same name.

    Raises ValueError for a file that is no JSON object, or whose `mcpServers` is none.

    >>> print(with_server('{ "a": 1.50,\\n  "mcpServers": {"b": {}} }', "outlook", {"command": "c"}))
    { "a": 1.50,
      "mcpServers": {"b": {},"outlook": {"command": "c"}} }
    """
    servers = {name: dict(entry)}
    if not text.strip():
        return json.dumps({"mcpServers": servers}, indent=2, ensure_ascii=False) + "\n"
    content = json.loads(text)
    if not isinstance(content, dict) or not isinstance(content.get("mcpServers", {}), dict):
        raise ValueError("no object of servers")
    begin = text.index("{")
    found = _members(text, begin).get("mcpServers")
    if found is None:
        return _with_member(text, begin, "mcpServers", servers)
    return _with_member(text, found[0], name, servers[name])


def _with_member(text: str, begin: int, name: str, value: object) -> str:
    """`text` with this member in the object that begins at `begin`."""
    members = _members(text, begin)
    written = json.dumps(value, ensure_ascii=False)
    if name in members:
        at, end = members[name]
        return text[:at] + written + text[end:]
    # As far from the others as the first one stands from the brace.
    apart = _SPACE.match(text, begin + 1)
    lead = apart[0] if apart and members else ""
    at = max((end for _, end in members.values()), default=begin + 1)
    return f"{text[:at]}{',' if members else ''}{lead}{json.dumps(name)}: {written}{text[at:]}"


def _members(text: str, begin: int) -> dict[str, tuple[int, int]]:
    """Where the value of each member of the object at `begin` stands; of a name that stands twice the last counts."""
    return {name: (at, end) for name, at, end in _each_member(text, begin)}


def _each_member(text: str, begin: int) -> Iterator[tuple[str, int, int]]:
    at = _after_space(text, begin + 1)
    while text[at] != "}":
        name, colon = _DECODER.raw_decode(text, at)
        value = _after_space(text, _after_space(text, colon) + 1)
        _, end = _DECODER.raw_decode(text, value)
        yield name, value, end
        at = _after_space(text, end)
        at = _after_space(text, at + 1) if text[at] == "," else at


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
