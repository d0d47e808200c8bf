"""What people and models write into the text of a search."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.search.conditions import AnyOf, Domain, State, Words
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.mail.search.plan import compile_query
from tests.mail.search.emitted import ME, NOW, checks, either, hostile, is_ours, plan, search_of

grammar = st.lists(
    st.sampled_from(
        [
            "(",
            ")",
            "{",
            "}",
            "OR",
            "AND",
            "NOT",
            "-",
            "|",
            '"',
            "from:",
            "subject:",
            "is:unread",
            "has:attachment",
            "in:sent",
            "size>5k",
            "older:3d",
            "-(",
            "category:Red",
            "importance:high",
            "bob",
            "*@x.example",
            "a*",
            "\\",
            "file.pdf",
        ]
    )
    | hostile,
    max_size=14,
).map(" ".join)


@given(text=grammar)
def test_whatever_operators_are_written_graph_gets_only_ours(text: str) -> None:
    try:
        compiled = plan(MailQuery(text=text[:500]))
    except InvalidInput:
        return
    search = str(compiled.params.get("$search", '""'))
    assert search[0] == search[-1] == '"'
    assert is_ours(search[1:-1]), search
    assert not re.search(r"(?:^|\() ?(?:OR|AND) |NOT (?:AND|OR|NOT|\))|\(\)", search), search


@pytest.mark.parametrize(
    ("text", "kql"),
    [
        ("invoice OR receipt", f"({either('invoice')} OR {either('receipt')})"),
        ("from:erin subject:receipt", r"from:\"erin\" AND subject:\"receipt\""),
        ("from:erin invoice OR receipt", rf"from:\"erin\" AND ({either('invoice')} OR {either('receipt')})"),
        ("a AND b OR c", f"(({either('a')} AND {either('b')}) OR {either('c')})"),
        ("(from:bob OR from:erin) -draft", rf"(from:\"bob\" OR from:\"erin\") AND NOT {either('draft')}"),
        ("from:(bob OR erin)", r"(from:\"bob\" OR from:\"erin\")"),
        ("NOT (body:a OR body:b)", r"received>=1970-01-01 AND NOT body:\"a\" AND NOT body:\"b\""),
        ("body:a OR NOT body:b", r"(body:\"a\" OR (received>=1970-01-01 AND NOT body:\"b\"))"),
        ("not body:b body:a", r"body:\"a\" AND NOT body:\"b\""),
        ("a and (body:b or body:c) not (body:d)", rf"{either('a')} AND (body:\"b\" OR body:\"c\") AND NOT body:\"d\""),
        ("a or b", f"{either('a')} AND {either('or')} AND {either('b')}"),
        ("body:a has:attachment", r"body:\"a\" AND hasAttachments:true"),
        ("filename:Budget-2027.pdf", r"attachment:\"Budget-2027.pdf\""),
        ("body:a larger:5M importance:high", r"body:\"a\" AND size>=5242880 AND importance:high"),
        ('subject:"net 30" to:me cc:bob', rf"subject:\"net 30\" AND to:\"{ME}\" AND cc:\"bob\""),
        ("from:*@fabrikam.example", r"from:\"fabrikam.example\""),
        ("body:a is:unread", r"body:\"a\""),
        ("(body:a is:unread) OR body:b", r"(body:\"a\" OR body:\"b\")"),
        ("{from:bob from:erin}", r"(from:\"bob\" OR from:\"erin\")"),
        ("subject:{a (b c)} x", rf"(subject:\"a\" OR (subject:\"b\" AND subject:\"c\")) AND {either('x')}"),
        ("deliveredto:me@x.example", r"recipients:\"me@x.example\""),
        ("contains(subject,'net 30')", r"subject:\"net 30\""),
    ],
)
def test_the_operators_that_people_write_mean_what_they_mean(text: str, kql: str) -> None:
    assert search_of(MailQuery(text=text)) == f'"{kql}"'


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("is:unread OR is:flagged", "(isRead eq false or flag/flagStatus eq 'flagged')"),
        ("is:read has:attachment", "isRead eq true and hasAttachments eq true"),
        (
            "from:bob@contoso.com importance:high",
            "from/emailAddress/address eq 'bob@contoso.com' and importance eq 'high'",
        ),
        ("category:Red NOT is:draft", "categories/any(c:c eq 'Red') and isDraft eq false"),
        ("-from:bob@contoso.com", "from/emailAddress/address ne 'bob@contoso.com'"),
        ("rfc822msgid:<a@b.example>", "internetMessageId eq '<a@b.example>'"),
        ("rfc822msgid:a'b@b.example", "internetMessageId eq '<a''b@b.example>'"),
        ("label:unread is:new", "isRead eq false and isRead eq false"),
        ("flagstatus:notFlagged", "flag/flagStatus ne 'flagged'"),
        ("isRead eq false and importance eq 'high'", "isRead eq false and importance eq 'high'"),
        (
            "from/emailAddress/address ne 'b@x.example' or hasAttachments eq true",
            "(from/emailAddress/address ne 'b@x.example' or hasAttachments eq true)",
        ),
    ],
)
def test_what_needs_no_index_is_filtered_exactly(text: str, condition: str) -> None:
    compiled = plan(MailQuery(text=text))
    assert compiled.params["$filter"] == f"receivedDateTime ge 1900-01-01T00:00:00Z and {condition}"
    assert compiled.checks == ()


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("after:2026-11-01 before:2026-11-05", ("2026-11-01", "2026-11-05")),
        ("received>=2026-11-01 received<=2026-11-05", ("2026-11-01", "2026-11-06")),
        ("received:2026-11-01..2026-11-05", ("2026-11-01", "2026-11-06")),
        ("received:>=2026-11-01 received:<2026-11-05", ("2026-11-01", "2026-11-05")),
        ("date:yesterday", ("2026-11-22", "2026-11-23")),
        ("received:last week", ("2026-11-16", "2026-11-23")),
        ("newer_than:3m", ("2026-08-23", None)),
        ("since:3 months ago", ("2026-08-23", None)),
        ("older:1y", (None, "2025-11-23")),
        ("NOT after:2026-11-05", (None, "2026-11-05")),
        ("on:2026-11-05", ("2026-11-05", "2026-11-06")),
        ("during:2026-10", ("2026-10-01", "2026-11-01")),
        ("receivedDateTime ge 2026-11-01 and receivedDateTime lt 2026-11-05", ("2026-11-01", "2026-11-05")),
    ],
)
def test_dates_in_the_text_bound_the_time(text: str, period: tuple[str | None, str | None]) -> None:
    compiled = plan(MailQuery(text=text))
    bounds = [moment and f"{moment:%Y-%m-%d}" for moment in (compiled.since, compiled.before)]
    assert bounds == [*period]
    assert compiled.kind == "filter"


def test_a_domain_is_looked_up_and_then_checked_exactly() -> None:
    for written in ("*@fabrikam.example", "@fabrikam.example", "@Fabrikam.Example"):
        assert search_of(MailQuery(sender=written)) == r'"from:\"' + written.lstrip("*@").lower() + r'\""'
        assert checks(MailQuery(sender=written)) == [Domain("from", "fabrikam.example")]
    assert checks(MailQuery(to="*@*.fabrikam.example")) == [Domain("recipients", "fabrikam.example", below=True)]


def test_a_folder_in_the_text_is_the_folder_of_the_search() -> None:
    assert plan(MailQuery(text="in:sent invoice", folder="inbox")).folder == "sent"
    assert plan(MailQuery(text='in:"Projects/Aurora"')).params == plan(MailQuery()).params
    assert plan(MailQuery(text="invoice -in:trash")).ignored == ("NOT in:trash",)
    assert plan(MailQuery(text="(in:sent invoice) OR receipt")).ignored == ("in:sent",)
    assert plan(MailQuery(text="in:sent in:inbox invoice")).ignored == ("in:inbox",)
    assert plan(MailQuery(text="label:spam invoice")).folder == "junkemail"
    assert plan(MailQuery(text="{in:sent invoice}")).ignored == ("in:sent",)


@pytest.mark.parametrize(
    ("text", "ignored"),
    [
        ("label:work invoice", ("label:work",)),
        ("is:odd invoice", ("is:odd",)),
        ("has:link invoice", ("has:link",)),
        ("invoice NEAR(3) receipt", ("NEAR(3)",)),
        ("invoice from:", ("from:",)),
        ("invoice AROUND 5 x", ("AROUND 5",)),
        ("invoice 🎉 & - !", ("🎉",)),
        ("invoice kind:meetings", ("kind:meetings",)),
        ("invoice OR is:flagged", ("is:flagged, beside words in an OR",)),
        ("invoice OR (is:unread is:flagged)", ("is:unread AND is:flagged, beside words in an OR",)),
        ("invoice AND", ("AND",)),
        ("OR invoice", ("OR",)),
        ("invoice AND OR receipt", ("AND",)),
        ("invoice NOT", ("NOT",)),
    ],
)
def test_what_cannot_be_answered_is_named_as_ignored(text: str, ignored: tuple[str, ...]) -> None:
    compiled = plan(MailQuery(text=text))
    assert compiled.ignored == ignored
    assert either("invoice") in str(compiled.params["$search"])


def test_many_words_are_not_looked_for_in_names_of_files() -> None:
    compiled = plan(MailQuery(text=" ".join(f"word{number}" for number in range(60))))
    assert "attachment:" not in str(compiled.params["$search"])
    assert compiled.ignored == ("names of files, for so many words",)
    assert len(str(compiled.params["$search"])) < 1_500


@pytest.mark.parametrize(
    ("text", "kql"),
    [
        ('"net 30 from:bob', rf"{either('net 30')} AND from:\"bob\""),
        ('body:"x y OR body:z', r"(body:\"x y\" OR body:\"z\")"),
        ("body:'net 30'", r"body:\"net 30\""),
        ("bcc:me", rf"bcc:\"{ME}\""),
        ("size>1mb", "size>=1048576"),
        ("size > 1.5 MB", "size>=1572864"),
        ("larger:1,5mb", "size>=1572864"),
        ("size:1kb..2kb", "size>=1024 AND size<2049"),
        ("from：erin", r"from:\"erin\""),
        ("a !b", rf"{either('a')} AND NOT {either('b')}"),
        ("from : erin,bob", r"(from:\"erin\" OR from:\"bob\")"),
        ("Re: AW: budget", either("budget")),
        ("subject:Fwd: budget", r"subject:\"budget\""),
        ("subject:(Re: a OR b)", r"(subject:\"a\" OR subject:\"b\")"),
        ("has:pdf", r"attachment:\"pdf\""),
        ("*.pdf", r"attachment:\"pdf\""),
        ("filetype:docx", r"attachment:\"docx\""),
        ("invoice and receipt", rf"{either('invoice')} AND {either('receipt')}"),
        ("body:a priority:high", r"body:\"a\" AND importance:high"),
    ],
)
def test_what_people_write_in_other_ways_means_what_they_mean(text: str, kql: str) -> None:
    assert search_of(MailQuery(text=text)) == f'"{kql}"'


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ('invoice "net 30', 'A quotation mark is not closed: it was read as "net 30".'),
        ("bcc:me", "Bcc is known only of messages that the user sent or drafted."),
        ("size:1mb", "`size:1mb` was read as at least 1mb."),
        ("Re: budget", "`Re:` was left out: subjects are found with and without it."),
        (
            "subject:budget,invoice",
            "`budget,invoice` was looked for as one; for either of them write (budget OR invoice).",
        ),
        ("from:bob from:erin", "A message has one sender; for any of several write from:(a OR b)."),
        ("unread invoice", "`unread` was looked for as a word; write is:unread."),
        ("invoices from bob", "`from` was looked for as a word; write from:bob."),
        ("von:erin", "`von:` is not a field here, so `von:erin` was looked for as words."),
    ],
)
def test_what_was_read_in_another_way_is_told(text: str, note: str) -> None:
    assert note in plan(MailQuery(text=text)).notes


def test_a_day_within_a_written_date_is_no_word() -> None:
    assert (
        plan(MailQuery(text="invoice before:the day before yesterday")).notes == plan(MailQuery(text="invoice")).notes
    )


def test_a_subject_is_looked_for_with_and_without_the_mark_of_a_reply() -> None:
    compiled = plan(MailQuery(subject="AW: Budget"))
    assert compiled.params["$search"] == r'"subject:\"Budget\""'
    assert 'Looked for the subject "Budget"' in compiled.notes[0]
    assert search_of(MailQuery(subject="Re:")) == r'"subject:\"Re:\""'


def test_a_state_that_is_a_folder_elsewhere_is_the_folder_of_the_search() -> None:
    assert plan(MailQuery(text="is:spam invoice")).folder == "junkemail"
    assert plan(MailQuery(text="is:sent")).folder == "sentitems"


@pytest.mark.parametrize(
    "text", ["https://x.example/a", "!a", "12:30", "Note:", "C:\\Temp", "f(x)", "a-b", "5'3", "1/2"]
)
def test_what_only_looks_like_an_operator_is_text(text: str) -> None:
    assert plan(MailQuery(text=f"{text} invoice")).ignored == ()
    assert len(search_of(MailQuery(text=f"{text} invoice")).split(" AND ")) == 2


def test_an_or_without_brackets_is_answered_with_how_it_was_read() -> None:
    compiled = plan(MailQuery(text="from:erin invoice OR receipt"))
    assert compiled.notes[0] == "Read as: from:erin AND (invoice OR receipt)."
    assert "Read as" not in plan(MailQuery(text="from:erin (invoice OR receipt)")).notes[0]
    assert "the operator is OR" in plan(MailQuery(text="invoice or receipt")).notes[0]


def test_people_and_marks_in_one_or_are_looked_up_without_the_index() -> None:
    compiled = plan(MailQuery(text="from:bob OR is:flagged"))
    assert (compiled.kind, compiled.ignored) == ("filter", ())
    assert compiled.checks[0].expression == AnyOf((Words("from", "bob"), State("flagged")))


def test_words_and_marks_mixed_in_an_or_are_said_to_be_uncertain() -> None:
    assert "only in part" in plan(MailQuery(text="(a is:unread) OR b")).notes[-1]
    assert "only in part" not in plan(MailQuery(text="a is:unread")).notes[-1]
    assert "only in part" not in plan(MailQuery(text="from:*@a.example OR from:*@b.example")).notes[-1]


def test_without_an_index_words_are_looked_for_in_what_a_list_shows() -> None:
    compiled = compile_query(MailQuery(text="invoice filename:a.pdf"), NOW, me=ME, with_index=False)
    assert (compiled.kind, compiled.is_partial) == ("filter", True)
    assert compiled.ignored == ("filename:a.pdf",)
    assert "did not answer" in compiled.notes[-1]
    with pytest.raises(InvalidInput):
        compile_query(MailQuery(text="filename:a.pdf"), NOW, me=ME, with_index=False)
