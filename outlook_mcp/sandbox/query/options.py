"""The query string of a request, read and checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from outlook_mcp.sandbox.query.errors import QueryError, unknown_property

_KNOWN = {"$filter", "$orderby", "$search", "$select", "$expand", "$top", "$skip", "$skiptoken", "$deltatoken"} | {
    "$count",
    "$format",
}
_EXPANSION = re.compile(r"(?P<name>[\w./]+)(?:\((?P<inner>.*)\))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Expansion:
    """`options` are those in the parentheses, names in lower case."""

    name: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """None for an option that is not in the query; `raw` has every parameter under its lower-case name."""

    raw: Mapping[str, str]
    top: int | None
    skip: int
    count: bool
    filter: str | None
    orderby: str | None
    search: str | None
    select: tuple[str, ...] | None
    expand: tuple[Expansion, ...]

    def selected(self, properties: Iterable[str], type_name: str) -> frozenset[str] | None:
        """The chosen names as the type spells them; None for all. Raises QueryError for an unknown one."""
        return select_of(self.select, properties, type_name)


def select_of(names: Iterable[str] | None, properties: Iterable[str], type_name: str) -> frozenset[str] | None:
    if names is None or "*" in names:
        return None
    spelled = {name.lower(): name for name in properties}
    chosen = set()
    for name in names:
        if name.lower() not in spelled:
            raise unknown_property(name, type_name)
        chosen.add(spelled[name.lower()])
    return frozenset(chosen)


def read_options(query: str) -> Options:
    """The options of a query string. Raises QueryError."""
    pairs = [(_spelled(name), value) for name, value in parse_qsl(query, keep_blank_values=True)]
    raw = dict(pairs)
    for name in raw:
        if name.startswith("$") and name not in _KNOWN:
            raise QueryError("BadRequest", f"The query parameter '{name}' is not supported.")
        if name in _KNOWN and sum(name == other for other, _ in pairs) > 1:
            text = f"Query option '{name}' was specified more than once, but it must be specified at most once."
            raise QueryError("BadRequest", text)
    top = _number(raw, "$top")
    if top is not None and top > 1000:
        raise QueryError(
            "BadRequest",
            f"The limit of '1000' for Top query has been exceeded. The value from the incoming request is '{top}'.",
        )
    if top is not None and top < 1:
        raise _bad_number("$top", str(top))
    return Options(
        raw=raw,
        top=top,
        skip=_number(raw, "$skip") or 0,
        count=_is_counted(raw.get("$count", "false")),
        filter=raw.get("$filter") or None,
        orderby=raw.get("$orderby") or None,
        search=raw.get("$search"),
        select=_select(raw.get("$select")),
        expand=read_expansions(raw.get("$expand", "")),
    )


def _spelled(name: str) -> str:
    """In small letters, with the `$` that https://learn.microsoft.com/graph/query-parameters calls optional."""
    name = name.lower()
    return f"${name}" if f"${name}" in _KNOWN else name


def read_expansions(text: str) -> tuple[Expansion, ...]:
    """The value of $expand. Raises QueryError."""
    return tuple(_expansion(part) for part in split_list(text))


def split_list(text: str, separator: str = ",") -> list[str]:
    """Parts between separators, except separators in parentheses or quotes.

    >>> split_list("id,attachments($select=id,name)")
    ['id', 'attachments($select=id,name)']
    """
    parts, depth, quoted = [""], 0, False
    for character in text:
        quoted ^= character == "'"
        if not quoted:
            depth += (character == "(") - (character == ")")
            if character == separator and depth == 0:
                parts.append("")
                continue
        parts[-1] += character
    return [part.strip() for part in parts if part.strip()]


def _expansion(text: str) -> Expansion:
    match = _EXPANSION.fullmatch(text)
    if match is None:
        raise QueryError("BadRequest", f"Parsing OData Select and Expand failed: '{text}'.")
    options = {}
    for part in split_list(match["inner"] or "", ";"):
        name, _, value = part.partition("=")
        options[name.strip().lower()] = value.strip()
    return Expansion(match["name"].lower(), options)


def _is_counted(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        text = f"Invalid value '{value}' for $count query option found. Valid values are 'true' and 'false'."
        raise QueryError("BadRequest", text)
    return value.lower() == "true"


def _select(value: str | None) -> tuple[str, ...] | None:
    names = tuple(name.strip() for name in (value or "").split(",") if name.strip())
    return names or None


def _number(raw: Mapping[str, str], name: str) -> int | None:
    value = raw.get(name)
    if value is None:
        return None
    if not re.fullmatch(r"\d{1,9}", value):
        raise _bad_number(name, value)
    return int(value)


def _bad_number(name: str, value: str) -> QueryError:
    return QueryError(
        "BadRequest",
        f"Invalid value '{value}' for {name} query option found. The {name} query option requires a non-negative"
        " integer value.",
    )
