"""Fits what a model gave to the arguments of a tool, and explains what does not fit a tool or a prompt.

Some clients turn "152" into the number 152, and some models write one value where a list is wanted, or a list as JSON
in a string. What such a value means is certain, so it is taken. The schema that clients see is the strict one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from outlook_mcp.server.argument_names import argument_meant_by, unknown_argument

# The arguments of tools and resources that name messages.
ID_ARGUMENTS = ("ids", "id", "of", "draft")
_PEOPLE_ARGUMENTS = ("to", "cc", "bcc", "attendees", "people")
# Texts that cannot be empty: some models fill every argument that they have nothing for with an empty one.
_OTHERS_NEVER_EMPTY = """account after at before calendar category check confirm cursor due end folder from has_file
    hours language proposed_start receipts sender show_as start thread_of time_zone to under zone"""
_NEVER_EMPTY = frozenset((*ID_ARGUMENTS, *_OTHERS_NEVER_EMPTY.split()))
_NOTHING = frozenset({"", "null", "undefined"})

# In the place of what pydantic says of a wrong value, by its type of error:
# https://docs.pydantic.dev/latest/errors/validation_errors/
_EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "an object",
    "greater_than_equal": "at least {ge}",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "less_than_equal": "at most {le}",
    "list_type": "a list",
    "literal_error": "{expected}",
    "string_type": "a text",
    "too_short": "empty; it takes {min_length} or more",
}
_SEVERAL_NUMBERS = re.compile(r"\d+(?:[\s,;]+\d+)+", re.ASCII)
_SEPARATORS = re.compile(r"[\s_-]+")
# As answers show an id, and as people write a number.
_SHOWN_ID = re.compile(r"\s*(?:\[(\d+)\]|#(\d+)|(?P<mark>[\"'`])(\d+)(?P=mark))\s*", re.ASCII)


def fitted(given: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments in the types that the JSON schemas `properties` name; what has no certain meaning stays as it is.

    >>> fitted({"ids": 152}, {"ids": {"type": "array", "items": {"type": "string"}}})
    {'ids': ['152']}
    >>> fitted({"draft": 152, "account": None}, {"draft": {"type": "string"}, "account": {"type": "string"}})
    {'draft': '152'}
    """
    # Null stands for an argument that was left out, and so does what is empty where it cannot be.
    present = {name: value for name, value in given.items() if value is not None or name not in properties}
    fitting = {name: _fitted_value(name, value, properties.get(name, {})) for name, value in present.items()}
    return {name: value for name, value in fitting.items() if not _is_nothing(name, value, properties.get(name, {}))}


def named_messages(arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids in arguments that are not validated yet."""
    values: list[object] = []
    for name in ID_ARGUMENTS:
        value = arguments.get(name)
        values += value if isinstance(value, list) else [value]
    return tuple(value for value in values if isinstance(value, str))


def explain(tool: str, error: ValidationError, parameters: Collection[str]) -> str:
    """One line for each problem: the argument and what is wrong; what the tool takes is said once, where it helps.

    Rejected values are not repeated.
    """
    problems = error.errors(include_input=False)
    # An argument that was given by another name is not missing.
    misnamed = {argument_meant_by(str(problem["loc"][-1]), parameters) for problem in problems}
    lines = [_explain_problem(tool, problem, parameters) for problem in problems if not _is_missing(problem, misnamed)]
    it_takes = f" It takes: {', '.join(parameters)}."
    short = [line.removesuffix(it_takes) for line in lines]
    return "\n".join(short) + (it_takes if short != lines else "")


def _is_missing(problem: Any, misnamed: Collection[str | None]) -> bool:
    return problem["type"] == "missing" and problem["loc"][0] in misnamed


def _fitted_value(name: str, value: Any, schema: Mapping[str, Any]) -> Any:
    if schema.get("type") == "array":
        items = [_as_item(name, item) for item in _as_list(name, value)] if _is_list_like(value) else value
        return [item for item in items if _is_something(item)] or items if isinstance(items, list) else items
    if schema.get("type") == "string" or "enum" in schema:
        if name in ID_ARGUMENTS and isinstance(value, str):
            value = _from_json(value)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        value = _as_item(name, value)
        return _choice(value, schema["enum"]) if "enum" in schema else value
    if schema.get("type") == "object" and isinstance(value, str):
        return _from_json(value)
    return value


def _is_nothing(name: str, value: Any, schema: Mapping[str, Any]) -> bool:
    if schema.get("type") == "array":
        return isinstance(value, list) and bool(value) and not any(map(_is_something, value))
    may_be_empty = name not in _NEVER_EMPTY and "enum" not in schema
    return bool(schema) and not may_be_empty and isinstance(value, str) and value.strip().lower() in _NOTHING


def _is_something(value: Any) -> bool:
    return not isinstance(value, str) or bool(value.strip())


def _is_list_like(value: Any) -> bool:
    return isinstance(value, list | dict | str | int | float) and not isinstance(value, bool)


def _as_list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, str):
        return value if isinstance(value, list) else [value]
    parsed = _from_json(value)
    if isinstance(parsed, list):
        return parsed
    if name in ID_ARGUMENTS and _SEVERAL_NUMBERS.fullmatch(value.strip()):
        return re.split(r"[\s,;]+", value.strip())
    return [parsed if name in ID_ARGUMENTS else value]


def _from_json(text: str) -> Any:
    """The list, object or string that `text` is as JSON, else `text` itself."""
    if not text.lstrip().startswith(("[", "{", '"')):
        return text
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return parsed if isinstance(parsed, list | dict | str) else text


def _as_item(name: str, value: Any) -> Any:
    """A whole number as text, an id without what answers show around it, and somebody as Graph writes people as text.

    >>> _as_item("ids", "[152]"), _as_item("cc", {"emailAddress": {"name": "Ann", "address": "a@x.example"}})
    ('152', 'Ann <a@x.example>')
    """
    if isinstance(value, dict):
        return _person_as_text(value) if name in _PEOPLE_ARGUMENTS else value
    text = _as_text(value)
    if name in ID_ARGUMENTS and isinstance(text, str) and (shown := _SHOWN_ID.fullmatch(text)):
        return shown[1] or shown[2] or shown[4]
    return text


def _person_as_text(value: Mapping[str, Any]) -> Any:
    """As it is where more than a name and an address is said of them."""
    person = value.get("emailAddress", value)
    if not isinstance(person, dict) or person.keys() - {"name", "address", "email"}:
        return value
    shown, address = person.get("name"), person.get("address", person.get("email"))
    if not isinstance(address, str):
        return value
    return f"{shown} <{address}>" if isinstance(shown, str) and shown.strip() else address


def _as_text(value: Any) -> Any:
    """A whole number as text."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _choice(value: Any, choices: Collection[str]) -> Any:
    """The one of `choices` that was meant in another case, or with other separators."""
    if not isinstance(value, str):
        return value
    wanted = _SEPARATORS.sub("", value).casefold()
    return next((choice for choice in choices if _SEPARATORS.sub("", choice).casefold() == wanted), value)


def _explain_problem(tool: str, problem: Any, parameters: Collection[str]) -> str:
    name = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return unknown_argument(tool, name, parameters)
    if problem["type"] == "missing":
        return f"{tool} needs `{name}`. It takes: {', '.join(parameters)}."
    expected = _EXPECTED.get(problem["type"])
    if expected is not None:
        return f"{tool}: `{name}` is {expected.format(**problem.get('ctx', {}))}."
    return f"{tool}: `{name}`: {problem['msg'].removeprefix('Value error, ')}."
