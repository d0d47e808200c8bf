"""What a model is told when its arguments do not fit."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.server.arguments import explain, fitted
from outlook_mcp.server.declare import EmailTool
from outlook_mcp.server.targets import query_of
from outlook_mcp.tools.draft_save import draft_save
from outlook_mcp.tools.mail_move import mail_move
from outlook_mcp.tools.mail_read import mail_read
from outlook_mcp.tools.mail_search import mail_search
from outlook_mcp.tools.mail_send import mail_send
from outlook_mcp.tools.mail_update import mail_update


def told(tool: EmailTool, arguments: dict[str, object]) -> str:
    built = tool.built
    with pytest.raises(ValidationError) as refused:
        built.fn_metadata.validate_arguments(arguments)
    return explain(tool.name, refused.value, built.parameters["properties"])


def taken(tool: EmailTool, arguments: dict[str, object]) -> dict[str, object]:
    """What the tool's function would be called with, without the defaults."""
    built = tool.built
    model = built.fn_metadata.arg_model.model_validate(
        built.fn_metadata.pre_parse_json(fitted(arguments, built.parameters["properties"]))
    )
    return model.model_dump(exclude_unset=True)


@pytest.mark.parametrize("given", [152, 152.0, "152", ["152"], [152], '["152"]', "[152]", '"152"'])
def test_a_number_or_a_list_of_one_is_an_id(given: object) -> None:
    assert taken(mail_send, {"draft": given}) == {"draft": "152"}
    assert taken(mail_read, {"ids": given}) == {"ids": ["152"]}
    assert taken(draft_save, {"id": given, "of": given}) == {"id": "152", "of": "152"}


@pytest.mark.parametrize("given", [[152, 153], ["152", 153.0], '["152", "153"]', "[152,153]", "152, 153", "152 153"])
def test_several_ids_may_be_written_in_any_of_these_ways(given: object) -> None:
    assert taken(mail_update, {"ids": given, "read": True}) == {"ids": ["152", "153"], "read": True}


def test_one_address_is_a_list_and_a_list_may_be_json() -> None:
    to = "Doe, John <john@contoso.example>"
    assert taken(draft_save, {"to": to}) == {"to": [to]}
    assert taken(draft_save, {"cc": '["a@contoso.example", "b@contoso.example"]'}) == {
        "cc": ["a@contoso.example", "b@contoso.example"]
    }
    assert taken(draft_save, {"attach": "152/1"}) == {"attach": ["152/1"]}
    assert taken(mail_update, {"ids": [1], "add_categories": "[Draft] Red"})["add_categories"] == ["[Draft] Red"]


@pytest.mark.parametrize("given", [["[152]"], "#152", ["#152"], " [152] ", ['"152"'], ["'152'"]])
def test_an_id_may_be_written_as_answers_show_it(given: object) -> None:
    assert taken(mail_read, {"ids": given}) == {"ids": ["152"]}


@pytest.mark.parametrize(
    "person",
    [
        {"address": "a@x.example"},
        {"email": "a@x.example"},
        {"emailAddress": {"name": "", "address": "a@x.example"}},
    ],
)
def test_people_may_be_written_as_graph_writes_them(person: dict[str, object]) -> None:
    assert taken(draft_save, {"to": [person, "b@x.example"]}) == {"to": ["a@x.example", "b@x.example"]}
    assert taken(draft_save, {"cc": person}) == {"cc": ["a@x.example"]}
    named = {"emailAddress": {"name": "Doe, Jo", "address": "jo@x.example"}}
    assert taken(draft_save, {"bcc": named}) == {"bcc": ["Doe, Jo <jo@x.example>"]}
    for other in ({"address": "a@x.example", "type": "optional"}, {"emailAddress": "a@x.example"}):
        with pytest.raises(ValidationError):
            taken(draft_save, {"to": [other]})


def test_an_object_may_be_written_as_json() -> None:
    assert taken(mail_update, {"where": '{"unread": true}'}) == {"where": {"unread": True}}


@pytest.mark.parametrize("text", ['{"a": 1}', '["a"]', "[1]", "null", "152", '"quoted"'])
def test_a_text_that_is_json_stays_a_text(text: str) -> None:
    assert taken(draft_save, {"subject": text, "body": text}) == {"subject": text, "body": text}
    assert taken(mail_search, {"text": text}) == {"text": text}


def test_a_number_where_text_is_wanted_is_that_text() -> None:
    assert taken(mail_search, {"text": 2026, "subject": 7.5 // 1}) == {"text": "2026", "subject": "7"}


def test_null_is_an_argument_that_was_left_out() -> None:
    assert taken(mail_search, {"text": "budget", "folder": None, "limit": None}) == {"text": "budget"}
    built = mail_send.built.parameters["properties"]
    assert fitted({"draft": None, "zebra": None}, built) == {"zebra": None}


@pytest.mark.parametrize("nothing", ["", " ", "null"])
def test_an_empty_text_where_none_can_be_is_an_argument_that_was_left_out(nothing: str) -> None:
    unused = dict.fromkeys(("id", "of", "kind", "importance", "receipts", "from", "account"), nothing)
    assert taken(draft_save, {**unused, "subject": "", "body": " "}) == {"subject": "", "body": " "}
    unused = dict.fromkeys(("folder", "after", "before", "thread_of", "cursor"), nothing)
    assert taken(mail_search, {**unused, "text": nothing}) == {"text": nothing}


@pytest.mark.parametrize(
    ("given", "meant"),
    [("", {}), ([""], {}), ([" ", "a@x.example"], {"cc": ["a@x.example"]}), ([], {"cc": []})],
)
def test_empty_texts_in_a_list_are_left_out_and_an_empty_list_stays(given: object, meant: dict[str, object]) -> None:
    assert taken(draft_save, {"cc": given}) == meant


@pytest.mark.parametrize("given", ["reply_all", "Reply-All", "replyAll", "REPLY ALL"])
def test_a_choice_may_be_written_in_another_case(given: str) -> None:
    assert taken(draft_save, {"kind": given}) == {"kind": "reply_all"}


@pytest.mark.parametrize("given", [True, {"id": "1"}, 1.5, ["1", "2"]])
def test_what_has_no_certain_meaning_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        taken(mail_send, {"draft": given})


def test_the_draft_of_a_send_may_have_been_meant_by_id() -> None:
    assert "mail_send has no argument `id`. Use `draft`." in told(mail_send, {"id": "1"})


@pytest.mark.parametrize(
    ("given", "meant"),
    [("from", "sender"), ("query", "text"), ("since", "after"), ("max_results", "limit"), ("subjct", "subject")],
)
def test_an_unknown_argument_is_answered_with_the_right_one(given: str, meant: str) -> None:
    assert told(mail_search, {given: "x"}) == f"mail_search has no argument `{given}`. Use `{meant}`."


def test_an_argument_like_no_other_is_answered_with_all_there_are() -> None:
    message = told(mail_read, {"ids": ["1"], "zzz": 1})
    assert message == "mail_read has no argument `zzz`. It takes: ids, view, thread, offset, account."


def test_an_argument_that_was_given_by_another_name_is_not_called_missing() -> None:
    assert told(mail_move, {"ids": ["1"], "to": "archive"}) == "mail_move has no argument `to`. Use `folder`."


def test_what_a_tool_takes_is_said_once_for_all_that_is_wrong() -> None:
    assert told(mail_read, {"zzz": 1, "yyy": 2}) == (
        "mail_read needs `ids`.\nmail_read has no argument `zzz`.\nmail_read has no argument `yyy`."
        " It takes: ids, view, thread, offset, account."
    )


def test_a_message_to_send_at_once_is_to_be_saved_first() -> None:
    assert "no argument `body`. Save it with draft_save first" in told(mail_send, {"to": ["a@x.example"], "body": "x"})


def test_a_missing_argument_is_named() -> None:
    assert told(mail_read, {}) == "mail_read needs `ids`. It takes: ids, view, thread, offset, account."


def test_a_wrong_value_is_named_but_not_repeated() -> None:
    message = told(mail_search, {"limit": 5000})
    assert message == "mail_search: `limit` is at most 100."
    assert "hunter2" not in told(mail_search, {"limit": "hunter2"})


@pytest.mark.parametrize(
    ("where", "query"),
    [
        (
            {"unread": "true", "in": "attachments", "text": 2026},
            {"unread": True, "within": "attachments", "text": "2026"},
        ),
        ({"sender": "bob", "folder": "all", "thread_of": None}, {"sender": "bob", "folder": "all"}),
        ({"has_file": "*", "folder": "*", "to": "", "text": "*"}, {"has_file": "*", "folder": "*"}),
    ],
)
def test_where_is_read_as_the_arguments_of_mail_search(where: dict[str, object], query: dict[str, Any]) -> None:
    assert query_of("mail_move", where) == MailQuery(**{"folder": "inbox", **query})


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"from": "bob"}, "mail_move: `where` has no argument `from`. Use `sender`."),
        ({"limit": 5}, "mail_move: `where` has no argument `limit`. It takes: text, sender, to, "),
        ({"unread": "perhaps"}, "mail_move: `where`: `unread` is true or false."),
        ({"in": "subjects"}, "mail_move: `where`: `in` is 'attachments'."),
        ({"sender": None, "folder": ""}, "mail_move needs `ids`, or `where` with at least one field of mail_search."),
        ({"sender": " ", "text": "*"}, "mail_move needs `ids`, or `where` with at least one field of mail_search."),
        ({"sender": "", "folder": "x"}, "mail_move: `where` chooses nothing by `sender`."),
    ],
)
def test_what_is_wrong_in_where_is_named(where: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        query_of("mail_move", where)
    assert str(refused.value).startswith(message)
