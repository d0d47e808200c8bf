"""The writer's text stands above the quote, whatever the draft looks like."""

from __future__ import annotations

import pytest

from outlook_mcp.mail.drafts.body import above_quote, replace_text

QUOTE = '<hr style="x"><div id="divRplyFwdMsg" dir="ltr">From: Grace</div><div>Old words</div>'


@pytest.mark.parametrize(
    "document",
    [
        f'<html><head><style>p{{}}</style></head><body dir="ltr">{QUOTE}</body></html>',
        f"<HTML><BODY>{QUOTE}</BODY></HTML>",
        QUOTE,
        f"<div>{QUOTE}</div>",
    ],
)
def test_text_is_put_above_and_replaced_without_touching_the_quote(document: str) -> None:
    first = above_quote(document, "<p>one</p>")
    assert first.index("<p>one</p>") < first.index("From: Grace")
    second = replace_text(first, "<p>two</p>")
    assert "<p>one</p>" not in second
    assert second.index("<p>two</p>") < second.index("From: Grace")
    assert second.replace("<p>two</p>", "<p>one</p>") == first


@pytest.mark.parametrize("document", ["", "<html><body></body></html>", "<body><p>text</p></body>", "<p>text</p>"])
def test_a_draft_without_a_quote_holds_only_the_new_text(document: str) -> None:
    replaced = replace_text(document, "<p>new</p>")
    assert "<p>new</p>" in replaced
    assert "<p>text</p>" not in replaced


def test_a_quote_marked_by_exchange_itself_is_kept() -> None:
    document = f"<html><body><p>mine</p>{QUOTE}</body></html>"
    assert replace_text(document, "<p>new</p>") == f"<html><body><p>new</p>{QUOTE}</body></html>"


def test_backslashes_and_groups_in_the_text_mean_nothing() -> None:
    assert r"\1 \g<0>" in replace_text(f"<body>{QUOTE}</body>", r"\1 \g<0>")
