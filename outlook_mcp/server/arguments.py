"""Fits what a model gave to the arguments of a tool, and explains what does not fit a tool or a prompt.

Some clients turn "152" into the number 152, and some models write one value where a list is wanted, or a list as JSON
in a string. What such a value means is certain, so it is taken. The schema that clients see is the strict one.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

# Names that models use by mistake, and the arguments they mean.
MEANT = {
    "attachment_id": "n",
    "body_text": "body",
    "conversation": "thread",
    "conversation_id": "thread_of",
    "count": "limit",
    "content": "body",
    "destination": "folder",
    "due_date": "due",
    "draft_id": "draft",
    "folder_id": "folder",
    "from": "sender",
    "has_attachments": "attachments",
    "file_name": "has_file",
    "filename": "has_file",
    "id": "ids",
    "is_read": "read",
    "keywords": "text",
    "max_results": "limit",
    "message": "body",
    "message_id": "ids",
    "message_ids": "ids",
    "page_token": "cursor",
    "q": "text",
    "query": "text",
    "recipients": "to",
    "reply_to": "of",
    "order": "oldest_first",
    "order_by": "oldest_first",
    "since": "after",
    "sort": "oldest_first",
    "star": "flag",
    "start_date": "start",
    "thread_id": "thread_of",
    "top": "limit",
    "until": "before",
}

# What no tool has an argument for, and what does the same or the nearest to it.
_PIN = "Outlook lets no other program pin a message. A flag is the nearest: mail_update with flag=flagged."
_JUNK = "Move it with mail_move: folder=junk, and folder=inbox for what is no junk."
INSTEAD = {
    **dict.fromkeys(("pin", "pinned", "is_pinned", "unpin"), _PIN),
    **dict.fromkeys(("junk", "is_junk", "not_junk", "mark_as_junk", "spam", "is_spam"), _JUNK),
}

# The arguments of tools and resources that name messages.
ID_ARGUMENTS = ("ids", "id", "of", "draft")

# In the place of what pydantic says of a wrong value, by its type of error:
# https://docs.pydantic.dev/latest/errors/validation_errors/
_EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "an object",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "list_type": "a list",
    "literal_error": "{expected}",
    "string_type": "a text",
    "too_short": "empty; it takes {min_length} or more",
}
_SEVERAL_NUMBERS = re.compile(r"\d+(?:[\s,;]+\d+)+", re.ASCII)
_SEPARATORS = re.compile(r"[\s_-]+")


def fitted(given: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments in the types that the JSON schemas `properties` name; what has no certain meaning stays as it is.

    >>> fitted({"ids": 152}, {"ids": {"type": "array", "items": {"type": "string"}}})
    {'ids': ['152']}
    >>> fitted({"draft": 152, "account": None}, {"draft": {"type": "string"}, "account": {"type": "string"}})
    {'draft': '152'}
    """
    # Null stands for an argument that was left out.
    present = {name: value for name, value in given.items() if value is not None or name not in properties}
    return {name: _fitted_value(name, value, properties.get(name, {})) for name, value in present.items()}


def named_messages(arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids in arguments that are not validated yet."""
    values: list[object] = []
    for name in ID_ARGUMENTS:
        value = arguments.get(name)
        values += value if isinstance(value, list) else [value]
    return tuple(value for value in values if isinstance(value, str))


def explain(tool: str, error: ValidationError, parameters: Collection[str]) -> str:
    """One line for each problem: the argument, what is wrong, what the tool takes. Rejected values are not repeated."""
    return "\n".join(_explain_problem(tool, problem, parameters) for problem in error.errors(include_input=False))


def unknown_argument(owner: str, name: str, parameters: Collection[str]) -> str:
    """`owner` is the tool or prompt that has no such argument.

    >>> unknown_argument("mail_search", "query", ("text", "sender"))
    'mail_search has no argument `query`. Use `text`.'
    >>> unknown_argument("mail_update", "spam", ("ids", "read"))
    'mail_update has no argument `spam`. Move it with mail_move: folder=junk, and folder=inbox for what is no junk.'
    """
    if name.lower() in INSTEAD:
        return f"{owner} has no argument `{name}`. {INSTEAD[name.lower()]}"
    meant = _meant(name, parameters)
    known = f"Use `{meant}`." if meant else f"It takes: {', '.join(parameters)}."
    return f"{owner} has no argument `{name[:80]}`. {known}"


def _fitted_value(name: str, value: Any, schema: Mapping[str, Any]) -> Any:
    if schema.get("type") == "array":
        return [_as_text(item) for item in _as_list(name, value)] if _is_list_like(value) else value
    if schema.get("type") == "string" or "enum" in schema:
        if name in ID_ARGUMENTS and isinstance(value, str):
            value = _from_json(value)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        value = _as_text(value)
        return _choice(value, schema["enum"]) if "enum" in schema else value
    if schema.get("type") == "object" and isinstance(value, str):
        return _from_json(value)
    return value


def _is_list_like(value: Any) -> bool:
    return isinstance(value, list | str | int | float) and not isinstance(value, bool)


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


def _meant(name: str, parameters: Collection[str]) -> str | None:
    known = MEANT.get(name.lower())
    if known in parameters:
        return known
    return next(iter(difflib.get_close_matches(name.lower(), parameters, n=1)), None)
