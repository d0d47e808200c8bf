"""Explains to a model why its arguments do not fit a tool or a prompt."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Any

from pydantic import ValidationError

# Names that models use by mistake, and the arguments they mean.
MEANT = {
    "attachment_id": "n",
    "body_text": "body",
    "conversation": "thread",
    "count": "limit",
    "content": "body",
    "destination": "folder",
    "draft_id": "draft",
    "folder_id": "folder",
    "from": "sender",
    "has_attachments": "attachments",
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
    "since": "after",
    "top": "limit",
    "until": "before",
}


def explain(tool: str, error: ValidationError, parameters: Collection[str]) -> str:
    """One line for each problem: the argument, what is wrong, what the tool takes. Rejected values are not repeated."""
    return "\n".join(_explain_problem(tool, problem, parameters) for problem in error.errors(include_input=False))


def unknown_argument(owner: str, name: str, parameters: Collection[str]) -> str:
    """`owner` is the tool or prompt that has no such argument.

    >>> unknown_argument("mail_search", "query", ("text", "sender"))
    'mail_search has no argument `query`. Use `text`.'
    """
    meant = _meant(name, parameters)
    known = f"Use `{meant}`." if meant else f"It takes: {', '.join(parameters)}."
    return f"{owner} has no argument `{name[:80]}`. {known}"


def _explain_problem(tool: str, problem: Any, parameters: Collection[str]) -> str:
    name = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return unknown_argument(tool, name, parameters)
    if problem["type"] == "missing":
        return f"{tool} needs `{name}`. It takes: {', '.join(parameters)}."
    return f"{tool}: `{name}`: {problem['msg'].removeprefix('Value error, ')}."


def _meant(name: str, parameters: Collection[str]) -> str | None:
    known = MEANT.get(name.lower())
    if known in parameters:
        return known
    return next(iter(difflib.get_close_matches(name.lower(), parameters, n=1)), None)
