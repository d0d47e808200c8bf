"""Extended properties: those that clients set, and MAPI properties of every message by their tag."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from outlook_mcp.sandbox.graph.core.errors import bad_request
from outlook_mcp.sandbox.query import Expansion
from outlook_mcp.sandbox.query.wanted_ids import wanted_ids

_TAG = re.compile(r"(\w+) 0x0*([0-9a-f]+)", re.IGNORECASE)
SINGLE, MULTIPLE = "singleValueExtendedProperties", "multiValueExtendedProperties"
# What a tag reads, by its normal form (MS-OXPROPS: PidTagMessageSize, PidTagTransportMessageHeaders).
MESSAGE_SIZE, TRANSPORT_HEADERS = "integer 0xe08", "string 0x7d"
Computed = Mapping[str, Callable[[], str]]


def has_several_values(identifier: str) -> bool:
    """Whether the type in front of an id is an array.

    >>> has_several_values("StringArray {00020329-0000-0000-C000-000000000046} Name Colours")
    True
    """
    return identifier.partition(" ")[0].lower().endswith("array")


def normal_id(identifier: str) -> str:
    """An id without case, and a tag without leading zeros.

    >>> normal_id("String 0x007D")
    'string 0x7d'
    """
    tag = _TAG.fullmatch(identifier)
    return f"{tag[1]} 0x{tag[2]}".lower() if tag else identifier.lower()


def expanded_properties(
    expansion: Expansion, stored: list[tuple[str, str | None]], computed: Computed
) -> tuple[str, list[dict[str, Any]]]:
    """The property that $expand adds, and those of its members that the $filter in it names by id."""
    several = expansion.name == MULTIPLE.lower()
    wanted = _wanted_ids(expansion.options.get("$filter"), MULTIPLE if several else SINGLE)
    found: dict[str, tuple[str, str | None]] = {normal_id(name): (name, value) for name, value in stored}
    for tag, read in computed.items():
        if tag in wanted:
            kind, _, number = tag.partition(" ")
            found[tag] = (f"{kind.capitalize()} {number}", read())
    chosen = [(name, value) for tag, (name, value) in found.items() if tag in wanted]
    if several:
        members = [(name, json.loads(value or "[]")) for name, value in chosen if has_several_values(name)]
        return MULTIPLE, [{"id": name, "value": values} for name, values in members]
    return SINGLE, [{"id": name, "value": value} for name, value in chosen if not has_several_values(name)]


def _wanted_ids(text: str | None, name: str) -> set[str]:
    if text is None:
        raise bad_request(f"Expanding {name} needs a $filter on id.")
    wanted = (normal_id(identifier) for identifier in wanted_ids(text))
    # Two names of one MAPI type.
    return {f"integer {identifier[5:]}" if identifier.startswith("long ") else identifier for identifier in wanted}
