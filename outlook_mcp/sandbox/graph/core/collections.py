"""Answers that list a collection, such as the rules of a mailbox, and answers of one of its elements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from starlette.responses import PlainTextResponse, Response

from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.errors import not_imitated_value
from outlook_mcp.sandbox.query.errors import unknown_expansion

DEFAULT_PAGE = 10
Shown = Callable[[Mapping[str, Any], frozenset[str] | None], dict[str, Any]]


def collection_answer(
    call: Call, path: str, values: Sequence[Mapping[str, Any]], properties: Iterable[str], type_name: str
) -> Response:
    """All `values` of a small collection, or the page and the properties that the query asks for.

    `path` is that of the context. Raises GraphFault for a query that filters, sorts or searches.
    """
    _refuse_unknown(call, type_name)
    return page_answer(call, path, values, properties, type_name, page=len(values))


def page_answer(
    call: Call,
    path: str,
    values: Sequence[Mapping[str, Any]],
    properties: Iterable[str],
    type_name: str,
    *,
    page: int = DEFAULT_PAGE,
    shown: Shown | None = None,
    repeats: bool = False,
) -> Response:
    """The page of `values` that the query asks for, else the first `page` of them.

    `shown` gives the chosen properties of a value. With `repeats` a page begins with the last value of the one before.
    """
    refuse_expansions(call, type_name)
    select = call.options.selected(properties, type_name)
    size = call.options.top or call.prefer.page_size or page
    start = call.options.skip - (repeats and call.options.skip > 0 and size > 1)
    end = start + size
    body: dict[str, Any] = {"@odata.context": call.context(path, select)}
    if call.options.count:
        body["@odata.count"] = len(values)
    body["value"] = [(shown or selected)(value, select) for value in values[start:end]]
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
    refuse_expansions(call, type_name)
    select = call.options.selected(properties, type_name)
    context = call.context(f"{path}/$entity", select)
    return call.json_answer({"@odata.context": context, **selected(value, select)}, status, headers)


def count_answer(call: Call, number: int, type_name: str) -> Response:
    _refuse_unknown(call, type_name)
    return PlainTextResponse(str(number))


def selected(value: Mapping[str, Any], select: frozenset[str] | None) -> dict[str, Any]:
    """The chosen properties; the id is always one of them."""
    return {name: part for name, part in value.items() if select is None or name in select | {"id"} or "@" in name}


def refuse_expansions(call: Call, type_name: str) -> None:
    """Raises QueryError for the first expansion of a type of which none is imitated."""
    for expansion in call.options.expand:
        raise unknown_expansion(expansion.name, type_name)


def _refuse_unknown(call: Call, type_name: str) -> None:
    for name in ("filter", "orderby", "search"):
        if getattr(call.options, name):
            raise not_imitated_value(f"query option '${name}' for {type_name}")
