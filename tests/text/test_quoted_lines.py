"""Which quoted lines stay above an answer, and what of the lines at the end is a signature or of a mailing list."""

from __future__ import annotations

import pytest

from outlook_mcp.graph.models import Body
from outlook_mcp.mail.models import Message
from outlook_mcp.text.html import convert_plain
from outlook_mcp.text.quotes.footers import drop_list_footer
from outlook_mcp.text.quotes.history import drop_history
from outlook_mcp.text.quotes.quoted_lines import join_broken_quotes, shorten_quotes
from tests.ids import message_id
from tests.new_part import new_part

WROTE = "On Fri, Nov 27, 2026 at 10:15 Bob <bob@x.example> wrote:"
LONG = "\n".join(f"> line {number}" for number in range(20))
SHORTENED = {
    "the last lines of its paragraph": ("> And so on.\n> Shall we meet\n> on Friday?", "> Shall we meet\n> on Friday?"),
    "a question after a blank line alone": ("> Some text.\n>\n> When?", "> When?"),
    "what the last writer says, not whom it quotes": ("> > Earlier text.\n> When?", "> When?"),
    "no signature": (">\n> When?\n> -- \n> Bob Brandt\n> Contoso", "> When?"),
    "no signature of one that quotes": ("> > When?\n> > --\n> > Bob Brandt", "> > When?"),
    "no blank lines": (">\n> When?\n>\n>", "> When?"),
    "the end of a long line": (f">\n> {'word ' * 60}when?", f"> … {'word ' * 30}when?"),
}


@pytest.mark.parametrize("shown", SHORTENED)
def test_of_a_long_quote_stays_above_an_answer(shown: str) -> None:
    end, expected = SHORTENED[shown]
    text, cut = drop_history(f"{WROTE}\n{LONG}\n{end}\n\nYes.")
    head, marker, rest = text.partition("lines left out]\n")
    assert (head.startswith(WROTE), marker != "", rest) == (True, True, f"{expected}\n\nYes.")
    assert cut > 100


def test_each_answer_keeps_the_lines_above_it_and_quotes_below_the_last_one_go() -> None:
    text, cut = drop_history(f"{WROTE}\n{LONG}\n> When?\nFriday.\n{LONG}\n> Where?\nRoom 4.\n\n{WROTE}\n{LONG}")
    assert [line for line in text.split("\n") if "line " not in line and "lines" not in line] == [
        WROTE,
        "> When?",
        "Friday.",
        "> Where?",
        "Room 4.",
    ]
    assert cut > 300


INTRODUCED = [
    "Bob Brandt writes:",
    "Quoting Bob Brandt <bob@x.example>:",
    "27 ноября 2026, Боб:",
    "V 27. 11. 2026 je Bob Brandt napisal:",
    "Στις Παρασκευή 27 Νοεμβρίου 2026, ο χρήστης Bob έγραψε:",
    "Bob さんは 2026/11/27 10:15 に書きました:",
]


@pytest.mark.parametrize("line", INTRODUCED)
def test_the_line_that_introduces_quoted_lines_goes_with_them(line: str) -> None:
    assert drop_history(f"Yes.\n\n{line}\n\n> When?\n> Where?\n")[0] == "Yes."


@pytest.mark.parametrize("line", ["These are open:", "See you at 10:15.", "Three points"])
def test_other_lines_above_quoted_ones_stay(line: str) -> None:
    assert drop_history(f"Yes.\n\n{line}\n{LONG}\n")[0] == f"Yes.\n\n{line}"


@pytest.mark.parametrize(
    "text",
    [
        "Run this:\n\n> npm install\n> npm start",
        "Points:\n-> one\n=> two\n> three",
        "Run this:\n\n> a\n> b\n> c\n> d\n\nThen tell me.",
        ">>> IMPORTANT <<<\nPlease read.",
    ],
)
def test_a_few_lines_that_the_writer_set_apart_are_no_quoted_mail(text: str) -> None:
    assert drop_history(text) == (text, 0)


@pytest.mark.parametrize("quote", ["> When?\n> Where?\n> Why?", "> When?", ">\n> When?"])
def test_a_short_quote_above_an_answer_stays_whole(quote: str) -> None:
    assert drop_history(f"{WROTE}\n{quote}\n\nYes.") == (f"{WROTE}\n{quote}\n\nYes.", 0)


async def test_the_quoted_paragraphs_of_html_are_shortened_too() -> None:
    quoted = "".join(f"<p>Paragraph {number}</p>" for number in range(9))
    html = f"<div class=moz-cite-prefix>{WROTE.replace('<', '&lt;')}</div><blockquote type=cite>{quoted}</blockquote>"
    body = Body(content_type="html", content=f"{html}<p>Yes.</p>")
    new = await new_part(Message(id=message_id("m"), body=body))
    assert new.text == f"{WROTE}\n\n> [8 lines left out]\n> Paragraph 8\n\nYes."
    assert new.cut_chars == 8 * len("Paragraph0>")


def test_a_quote_without_words_is_only_counted() -> None:
    assert shorten_quotes([">", "> ", ">", ">", "Yes."]) == ("> [4 lines left out]\nYes.", 4)


BROKEN = [
    "> The plan that we talked about last week says that the chairs have to be",
    "there",
    "> before the tables, because the room is cleaned on Thursday evening and",
    "all",
    "> of them are in the way.",
]
ANSWERED = [
    [BROKEN[0], "there", BROKEN[2]],
    [BROKEN[0] + ".", "no", BROKEN[2], "no", BROKEN[4]],
    [BROKEN[0], "I would rather have the tables first.", BROKEN[2], "all", BROKEN[4]],
    ["> When?", "Friday", "> Where?", "Here", "> Why?"],
    [BROKEN[0], "", "there", BROKEN[2], "", "all", BROKEN[4]],
    [f"> Shall we tell the customers {'x' * 35}", "no", f"> Shall we tell the press of it {'x' * 48}", "no", "> Bye"],
]


def test_the_ends_of_quoted_lines_that_were_broken_again_are_no_answers() -> None:
    joined = join_broken_quotes(BROKEN)
    assert joined == [f"{BROKEN[0]} there", f"{BROKEN[2]} all", BROKEN[4]]
    assert drop_history("\n".join(["Yes.", "", WROTE, *BROKEN]))[0] == "Yes."


@pytest.mark.parametrize("lines", ANSWERED)
def test_short_answers_are_no_ends_of_quoted_lines(lines: list[str]) -> None:
    assert join_broken_quotes(lines) == lines


BOMBS = {
    "footers": "_____\nunsubscribe http://x.example\n" * 20_000,
    "a long line": "a " * 900_000 + ":\n> b",
    "brackets": "https://a.example/" + "x" * 60 + ")" * 150_000,
}


@pytest.mark.parametrize("name", BOMBS)
async def test_no_text_stops_the_process_that_looks_for_its_history(name: str) -> None:
    assert not (await convert_plain(BOMBS[name], drop_history=True)).truncated


LISTS = {
    "Mailman": "_______________________________________________\nTables mailing list -- tables@lists.example\n"
    "https://lists.example/mailman/listinfo/tables",
    "Mailman 3": "_______________________________________________\nTables mailing list -- tables@lists.example\n"
    "To unsubscribe send an email to tables-leave@lists.example\nhttps://lists.example/mailman3/lists/tables/",
    "Google Groups": '-- \nYou received this message because you are subscribed to the Google Groups "tables" group.\n'
    "To unsubscribe from this group and stop receiving emails, send an email to t+unsubscribe@googlegroups.com.",
    "Google Groups, in German": "-- \nSie erhalten diese Nachricht, weil Sie in Google Groups E-Mails von der Gruppe t "
    "abonniert haben.\nWenn Sie sich abmelden möchten, senden Sie eine E-Mail an t+unsubscribe@googlegroups.com.",
    "Groups.io": "-=-=-=-=-=-=-=-=-=-=-=-\nGroups.io Links: You receive all messages sent to this group.\n"
    "View/Reply Online (#7): https://groups.io/g/t/message/7\n-=-=-=-=-=-=-=-=-=-=-=-",
    "LISTSERV": "----------------------------\nTo unsubscribe from the TABLES list:\nhttps://listserv.x.example/TABLES",
    "an address alone": "https://lists.example/mailman/listinfo/tables",
}
NO_LISTS = [
    "-- \nBob Brandt\nContoso",
    "-- \nBob Brandt, bob@contoso.example\nhttps://contoso.example",
    "----\nPlease unsubscribe me.",
    "_____\nTables mailing list tables@lists.example\n\nSee you on Friday.",
    "I am on the mailing list: https://lists.example/mailman/listinfo/tables",
    "https://contoso.example/report",
]


@pytest.mark.parametrize("program", LISTS)
def test_the_lines_of_a_mailing_list_are_known(program: str) -> None:
    text, cut = drop_list_footer(f"Yes.\n\n{LISTS[program]}\n")
    assert (text, cut > 20) == ("Yes.", True)


@pytest.mark.parametrize("end", NO_LISTS)
def test_other_ends_are_no_lines_of_a_mailing_list(end: str) -> None:
    assert drop_list_footer(f"Yes.\n\n{end}") == (f"Yes.\n\n{end}", 0)


@pytest.mark.parametrize(("below", "shown"), [(f"\n\n{WROTE}\n> When?\n> Where?", "Yes."), ("", None)])
async def test_the_lines_of_a_list_go_with_the_history_only_and_are_counted_apart(
    below: str, shown: str | None
) -> None:
    text = f"Yes.{below}\n\n{LISTS['Mailman']}"
    new = await new_part(Message(id=message_id("m"), body=Body(content_type="text", content=text)))
    assert new.text == (shown or text)
    assert (new.footer_chars > 0, new.cut_chars > 0) == (bool(shown), bool(shown))


async def test_a_message_of_a_quote_and_the_lines_of_a_list_alone_comes_whole() -> None:
    text = f"-----Original Message-----\nSubject: Chairs\n\n> When?\n\n{LISTS['Mailman']}"
    new = await new_part(Message(id=message_id("m"), body=Body(content_type="text", content=text)))
    assert (new.text, new.cut_chars) == (text, 0)


@pytest.mark.parametrize(
    "attribution",
    [
        "Missatge de Boris Blau <boris@northwind.example> del\ndia dg., 22 de nov. 2026 a les 10:00:",
        "בתאריך יום א׳, 22 בנוב׳ 2026 ב-10:00 מאת Boris\nBlau <boris@northwind.example>:",
    ],
)
def test_an_attribution_in_any_language_is_known_though_it_is_broken_into_two_lines(attribution: str) -> None:
    assert drop_history(f"Yes.\n\n{attribution}\n\n> Shall we meet?")[0] == "Yes."
    plain = f"Yes.\n\n{attribution}\n\nPlease bring the plan."
    assert drop_history(plain)[0] == plain
