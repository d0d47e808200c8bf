"""What is known of the style sheets of earlier documents changes no answer."""

from __future__ import annotations

from itertools import count

import msgspec

from outlook_mcp.text.html.budget import Budget
from outlook_mcp.text.html.document import html_to_text
from outlook_mcp.text.html.job import run
from tests.text.generated import generated_mails
from tests.text.hidden.by_paint import PAINT

COVERED = next(snippet for snippet in PAINT if snippet.name == "covered by a box").with_word()
NUMBERS = count()


def with_other_sheets(document: str) -> str:
    """The same document with sheets that no earlier one had."""
    return f"{document}<style>/* {next(NUMBERS)} */</style>"


def test_a_document_is_read_the_same_with_and_without_earlier_ones() -> None:
    documents = [*generated_mails(2), COVERED, *(snippet.with_word() for snippet in PAINT[::4])]
    together = [html_to_text(document) for document in (*documents, *documents)]
    alone = [html_to_text(with_other_sheets(document)) for document in documents]
    assert together == alone * 2


def test_text_that_may_be_covered_is_doubtful_every_time() -> None:
    assert [html_to_text(COVERED).doubtful for _ in range(2)] == [True, True]


def test_a_document_with_more_different_elements_than_are_computed_says_so() -> None:
    elements = "".join(f'<p style="left:{number}px;position:relative">x</p>' for number in range(40))
    assert html_to_text(with_other_sheets(elements), budget=Budget(boxes=20)).doubtful


def test_a_body_that_was_converted_among_many_others_is_not_converted_again() -> None:
    sources = [msgspec.msgpack.encode((f"<p>Letter {number}</p>".encode(), b"")) for number in range(60)]
    results = [run(["quotes"], source) for source in sources]
    assert all(run(["quotes"], source) is result for source, result in zip(sources, results, strict=True))
    assert run([], sources[0]) is not results[0]
