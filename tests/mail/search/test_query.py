from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.search.conditions import Before, Since, State, Words
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.mail.search.plan import compile_query
from tests.mail.search.emitted import ME, NOW, either, hostile, is_ours, plan, search_of


def test_no_condition_lists_newest_first_with_the_ordered_property_in_the_filter() -> None:
    assert plan(MailQuery()).params == {
        "$filter": "receivedDateTime ge 1900-01-01T00:00:00Z",
        "$orderby": "receivedDateTime desc",
        "$top": 25,
    }


def test_states_and_exact_dates_go_into_the_filter() -> None:
    query = MailQuery(unread=True, flagged=False, attachments=True, category="Bob's", after="7d", before="today")
    assert plan(query).params["$filter"] == (
        "receivedDateTime ge 2026-11-16T12:00:00Z and receivedDateTime lt 2026-11-23T00:00:00Z and isRead eq false "
        "and flag/flagStatus ne 'flagged' and hasAttachments eq true and categories/any(c:c eq 'Bob''s')"
    )


def test_an_address_as_sender_is_filtered_exactly() -> None:
    assert plan(MailQuery(sender="o'brien@contoso.com")).params["$filter"] == (
        "receivedDateTime ge 1900-01-01T00:00:00Z and from/emailAddress/address eq 'o''brien@contoso.com'"
    )


def test_a_person_may_be_written_as_answers_show_them() -> None:
    shown = "Megan Bowen <megan@contoso.com>"
    assert plan(MailQuery(sender=shown)) == plan(MailQuery(sender="megan@contoso.com"))
    assert search_of(MailQuery(to=shown)) == r'"recipients:\"megan@contoso.com\""'
    assert plan(MailQuery(sender=shown, after="30min")).checks == ()


def test_several_addresses_are_any_of_them() -> None:
    found = plan(MailQuery(sender="a@x.example, B <b@x.example>"))
    assert str(found.params["$filter"]).endswith(
        "(from/emailAddress/address eq 'a@x.example' or from/emailAddress/address eq 'b@x.example')"
    )
    assert search_of(MailQuery(to="a@x.example;b@x.example")) == (
        r'"(recipients:\"a@x.example\" OR recipients:\"b@x.example\")"'
    )
    assert search_of(MailQuery(sender="Brandt, Bob")) == r'"from:\"Brandt, Bob\""'


def test_people_with_or_between_them_are_any_of_them() -> None:
    for written in ("bob OR erin", "bob or erin", "bob | erin", "bob OR  OR erin"):
        assert search_of(MailQuery(sender=written)) == r'"(from:\"bob\" OR from:\"erin\")"'
        assert not any("Operators" in note for note in plan(MailQuery(sender=written)).notes)


def test_an_operator_that_is_a_word_is_told() -> None:
    notes = plan(MailQuery(sender="bob AND erin")).notes
    assert notes[0] == "Operators are words in `sender`; in `text` they work, as in from:(a OR b)."


def test_a_comma_that_may_part_people_is_told() -> None:
    told = plan(MailQuery(sender="bob, erin"))
    assert told.notes[0] == "A comma in `sender` was taken as part of a name; between several people write OR."
    assert not told.is_understood
    assert plan(MailQuery(to="a@x.example, b@x.example")).is_understood


@pytest.mark.parametrize("text", ["bud*", "colour:red"])
def test_what_may_have_been_meant_otherwise_leaves_it_open_whether_there_is_more(text: str) -> None:
    assert not plan(MailQuery(text=text)).is_understood
    assert plan(MailQuery(text="from:bob OR from:erin")).is_understood
    assert plan(MailQuery(text="from:bob or from:erin")).is_understood


def test_me_is_the_caller() -> None:
    assert plan(MailQuery(sender="me")) == plan(MailQuery(sender=ME))
    assert search_of(MailQuery(to=" Me")) == rf'"recipients:\"{ME}\""'
    assert search_of(MailQuery(sender="Me Too")) == r'"from:\"Me Too\""'


def test_words_and_phrases_are_searched_and_a_minus_excludes() -> None:
    assert search_of(MailQuery(text='invoice "net 30" -draft')) == (
        f'"{either("invoice")} AND {either("net 30")} AND NOT {either("draft")}"'
    )


def test_only_excluded_words_still_make_a_valid_search() -> None:
    assert search_of(MailQuery(text="-spam")) == f'"received>=1970-01-01 AND NOT {either("spam")}"'


def test_operators_in_a_value_are_inert() -> None:
    assert search_of(MailQuery(subject='Q4 "budget" OR from:ceo@x.com')) == (
        r'"subject:\"Q4 budget OR from:ceo@x.com\""'
    )


def test_search_dates_are_widened_by_a_day_and_filtered_exactly_afterwards() -> None:
    compiled = plan(MailQuery(text="budget", after="2026-11-01T10:00", before="2026-11-05", unread=True))
    assert compiled.params["$search"] == f'"{either("budget")} AND received>=2026-10-31 AND received<=2026-11-06"'
    assert [check.expression for check in compiled.checks] == [
        Since(datetime(2026, 11, 1, 10, tzinfo=UTC)),
        Before(datetime(2026, 11, 5, tzinfo=UTC)),
        State("unread"),
    ]


@pytest.mark.parametrize("early", ["0001-01-01", "0999-12-31", "1899-12-31"])
def test_a_date_before_all_mail_is_written_as_graph_reads_it(early: str) -> None:
    assert search_of(MailQuery(text="budget", before=early)) == f'"{either("budget")} AND received<=1900-01-02"'
    assert plan(MailQuery(before=early)).params["$filter"] == (
        "receivedDateTime ge 1900-01-01T00:00:00Z and receivedDateTime lt 1900-01-01T00:00:00Z"
    )
    assert plan(MailQuery(after=early)).params == plan(MailQuery()).params


def test_the_last_hour_uses_the_filter_plan_and_says_where_it_looked() -> None:
    compiled = plan(MailQuery(text="budget", sender="Megan", after="1h"))
    assert compiled.kind == "filter"
    assert [check.expression for check in compiled.checks] == [Words("from", "Megan"), Words("text", "budget")]
    assert compiled.is_partial
    assert "may not be indexed yet" in compiled.notes[0]


def test_dates_without_an_offset_are_in_the_zone_of_now() -> None:
    in_berlin = NOW.astimezone(timezone(timedelta(hours=1)))
    compiled = compile_query(MailQuery(after="2026-11-20"), in_berlin, me=ME)
    assert compiled.params["$filter"] == "receivedDateTime ge 2026-11-19T23:00:00Z"


@pytest.mark.parametrize(
    "query",
    [
        MailQuery(text='"" ()'),
        MailQuery(sender=""),
        MailQuery(subject="x" * 501),
        MailQuery(category="x" * 501),
        MailQuery(after="someday"),
        MailQuery(after="2026-11-05", before="2026-11-01"),
    ],
)
def test_what_cannot_be_meant_is_refused(query: MailQuery) -> None:
    with pytest.raises(InvalidInput):
        plan(query)


@given(text=hostile, sender=hostile, to=hostile, subject=hostile, category=hostile)
def test_nothing_outside_a_phrase_is_the_users(text: str, sender: str, to: str, subject: str, category: str) -> None:
    try:
        compiled = plan(MailQuery(text=text, sender=sender, to=to, subject=subject, category=category))
    except InvalidInput:
        return
    search = str(compiled.params["$search"])
    assert search[0] == search[-1] == '"'
    assert is_ours(search[1:-1]), search
    assert search.isprintable() or not search.isascii()


@given(address=hostile.map(lambda text: f"{text}@contoso.com"), category=hostile.filter(bool))
def test_nothing_leaves_a_filter_literal(address: str, category: str) -> None:
    try:
        compiled = plan(MailQuery(sender=address, category=category))
    except InvalidInput:
        return
    filter_text = str(compiled.params.get("$filter", ""))
    without_literals = re.sub(r"'(?:[^']|'')*'", "L", filter_text)
    allowed = (
        r"(?:receivedDateTime ge 1900-01-01T00:00:00Z(?: and from/emailAddress/address eq L)?"
        r"(?: and categories/any\(c:c eq L\))?)?"
    )
    assert re.fullmatch(allowed, without_literals), filter_text


def test_names_of_files_are_compared_in_bounded_pages_of_mail_with_attachments() -> None:
    compiled = plan(MailQuery(has_file="*.pdf"))
    assert compiled.params["$filter"] == "receivedDateTime ge 1900-01-01T00:00:00Z and hasAttachments eq true"
    assert (compiled.file_name, compiled.scan_limit, compiled.params["$top"]) == ("*.pdf", 250, 100)
    with pytest.raises(InvalidInput, match="no name to look for"):
        plan(MailQuery(has_file=" "))


@pytest.mark.parametrize("text", ["", " ", "*", "*.*"])
def test_a_text_that_means_all_messages_lists_them(text: str) -> None:
    assert plan(MailQuery(text=text, subject="", unread=True)) == plan(MailQuery(unread=True))


def test_nothing_but_what_cannot_be_answered_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Ignored: label:work"):
        plan(MailQuery(text="label:work"))
