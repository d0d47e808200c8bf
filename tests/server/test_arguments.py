"""What a model is told when its arguments do not fit."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from outlook_mcp.server.arguments import explain
from outlook_mcp.server.declare import EmailTool
from outlook_mcp.tools.mail_read import mail_read
from outlook_mcp.tools.mail_search import mail_search


def told(tool: EmailTool, arguments: dict[str, object]) -> str:
    built = tool.build()
    with pytest.raises(ValidationError) as refused:
        built.fn_metadata.validate_arguments(arguments)
    return explain(tool.name, refused.value, built.parameters["properties"])


@pytest.mark.parametrize(
    ("given", "meant"),
    [("from", "sender"), ("query", "text"), ("since", "after"), ("max_results", "limit"), ("subjct", "subject")],
)
def test_an_unknown_argument_is_answered_with_the_right_one(given: str, meant: str) -> None:
    assert told(mail_search, {given: "x"}) == f"mail_search has no argument `{given}`. Use `{meant}`."


def test_an_argument_like_no_other_is_answered_with_all_there_are() -> None:
    message = told(mail_read, {"ids": ["1"], "zzz": 1})
    assert message == "mail_read has no argument `zzz`. It takes: ids, view, thread, offset, account."


def test_a_missing_argument_is_named() -> None:
    assert told(mail_read, {}) == "mail_read needs `ids`. It takes: ids, view, thread, offset, account."


def test_a_wrong_value_is_named_but_not_repeated() -> None:
    message = told(mail_search, {"limit": 5000})
    assert message == "mail_search: `limit`: Input should be less than or equal to 100."
    assert "hunter2" not in told(mail_search, {"limit": "hunter2"})
