"""/outlook/masterCategories: the names and colours of a user's categories."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import no_content
from outlook_mcp.sandbox.graph.core.collections import collection_answer, count_answer, entity_answer
from outlook_mcp.sandbox.graph.core.errors import GraphFault, invalid_body, item_not_found, read_only
from outlook_mcp.sandbox.graph.core.shapes import Shape, read_body
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.store.mail.categories import (
    Category,
    categories_of,
    new_category_id,
    put_category,
    remove_category,
)

_CATEGORY = Shape(
    "outlookCategory",
    {"displayName": str, "color": frozenset({"none", *(f"preset{number}" for number in range(25))}), "id": object},
)
_PATH = "outlook/masterCategories"
_TYPE = "outlookCategory"


async def list_categories(call: MailCall) -> Response:
    values = [{"id": known, **category} for known, category in categories_of(call.mailbox).items()]
    return collection_answer(call, _PATH, values, _CATEGORY.fields, _TYPE)


async def count_categories(call: MailCall) -> Response:
    return count_answer(call, len(categories_of(call.mailbox)), _TYPE)


async def get_category(call: MailCall) -> Response:
    return _category_answer(call, call.arguments["category"], _category(call))


async def create_category(call: MailCall) -> Response:
    fields = read_body(_CATEGORY, await call.json())
    name = fields.get("displayName") or ""
    if not name.strip():
        raise invalid_body("The property 'displayName' is missing.")
    if any(name.lower() == known["displayName"].lower() for known in categories_of(call.mailbox).values()):
        # The page of the operation says that names are unique, and not what the refusal says.
        raise GraphFault(409, "CategoryNameDuplicate", f"A category with the name '{name}' exists already.")
    identifier = new_category_id(call.mailbox)
    category = {"displayName": name, "color": fields.get("color") or "none"}
    put_category(call.mailbox, identifier, category)
    return _category_answer(call, identifier, category, 201)


async def update_category(call: MailCall) -> Response:
    """Only the colour of a category can be changed."""
    category = _category(call)
    fields = read_body(_CATEGORY, await call.json())
    for name, value in fields.items():
        if name != "color" and value != category.get(name):
            raise read_only(name)
    changed = {**category, "color": fields.get("color") or category["color"]}
    put_category(call.mailbox, call.arguments["category"], changed)
    return _category_answer(call, call.arguments["category"], changed)


async def delete_category(call: MailCall) -> Response:
    _category(call)
    remove_category(call.mailbox, call.arguments["category"])
    return no_content()


def _category(call: MailCall) -> Category:
    found = categories_of(call.mailbox).get(call.arguments["category"])
    if found is None:
        raise item_not_found()
    return found


def _category_answer(call: MailCall, identifier: str, category: Category, status: int = 200) -> Response:
    value: dict[str, Any] = {"id": identifier, **category}
    return entity_answer(call, _PATH, value, _CATEGORY.fields, _TYPE, status)
