"""Answers that list contacts, folders or people, and answers of one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import Call

DEFAULT_PAGE = 10


def collection_answer(
    call: Call,
    path: str,
    values: Sequence[Mapping[str, Any]],
    properties: Iterable[str],
    type_name: str,
    *,
    page: int = DEFAULT_PAGE,
) -> Response:
    """The page of `values` that the query asks for; `path` is that of the context."""
    select = call.options.selected(properties, type_name)
    start = call.options.skip
    end = start + (call.options.top or call.prefer.page_size or page)
    body: dict[str, Any] = {"@odata.context": call.context(path, select)}
    if call.options.count:
        body["@odata.count"] = len(values)
    body["value"] = [_selected(value, select) for value in values[start:end]]
    if end < len(values):
        body["@odata.nextLink"] = call.link(skip=str(end))
    return call.json_answer(body)


def entity_answer(
    call: Call,
    path: str,
    value: Mapping[str, Any],
    properties: Iterable[str],
    type_name: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One element of a collection; `path` is that of the collection."""
    select = call.options.selected(properties, type_name)
    context = call.context(f"{path}/$entity", select)
    return call.json_answer({"@odata.context": context, **_selected(value, select)}, status, headers)


def _selected(value: Mapping[str, Any], select: frozenset[str] | None) -> dict[str, Any]:
    """The chosen properties; the id is always one of them."""
    return {name: part for name, part in value.items() if select is None or name in select | {"id"} or "@" in name}
