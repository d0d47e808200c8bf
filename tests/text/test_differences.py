"""Which lines of a quote count as edited, and which as the known mail in another layout."""

from __future__ import annotations

import pytest

from outlook_mcp.text.quotes.differences import Comparisons

KNOWN = "Dear all, we agreed “by hand” that the chairs\ncome on Friday and the tables on Monday.\n\nMegan\nSales"


@pytest.mark.parametrize(
    "quote",
    [
        '> Dear all, we agreed "by hand" that the chairs   \n> come on Friday and the tables on Monday.',
        ">> Dear all, we agreed “by hand” that\n>> the chairs come on Friday and the\n>> tables on Monday.\n>> Megan",
        "> **Dear all**, we agreed “by hand” that the chairs come on Friday and the tables\n> on Monday.\n> Megan",
        "On Fri, 27 Nov 2026 at 10:15, Megan\n<megan@contoso.com> wrote:\n> come on Friday and the tables",
        "From: Megan\nSent: Monday\nTo: Adele\nSubject: Chairs\n\nMegan\nSales",
    ],
)
def test_another_layout_is_no_difference(quote: str) -> None:
    assert Comparisons().differing_lines(f"Yes.\n\n{quote}", "Yes.", [KNOWN]) == []


@pytest.mark.parametrize("line", ["Agreed", "hand", "come on Monday and the tables on Friday.", "Friday"])
def test_a_line_that_was_put_into_a_quote_differs_even_where_its_words_stand_elsewhere(line: str) -> None:
    said = "On Fri, 27 Nov 2026 at 10:15, Megan wrote:"
    for number in range(3):
        quote = KNOWN.split("\n")[:2]
        quote.insert(number, line)
        whole = "\n".join(["Yes.", "", said, *(f"> {part}" for part in quote)])
        assert Comparisons().differing_lines(whole, "Yes.", [KNOWN]) == [line]


def test_a_quote_that_is_too_long_to_compare_is_not_compared() -> None:
    assert Comparisons().differing_lines("> word\n" * 100_000, "", [KNOWN]) is None


def test_an_answer_with_more_text_than_is_read_compares_no_more_of_it() -> None:
    comparisons = Comparisons()
    known = [f"{number} " + "word " * 70_000 for number in range(40)]
    compared = [comparisons.differing_lines("Yes.\n> word", "Yes.", [text]) for text in known]
    assert compared[0] is not None
    assert compared[-1] is None
