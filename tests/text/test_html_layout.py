from __future__ import annotations

import pytest

from outlook_mcp.text.html.document import html_to_text


def test_headings_paragraphs_and_lists_read_as_text() -> None:
    html = (
        "<h1>Plan</h1><p>We  need\n two:</p><ul><li>tea<ul><li>green</li></ul></li></ul><ol><li>a</li><li>b</li></ol>"
    )
    assert html_to_text(html).text == "# Plan\n\nWe need two:\n\n- tea\n\n  - green\n\n1. a\n2. b"


def test_a_table_of_short_cells_is_one_line_a_row() -> None:
    html = "<table><tr><th>Item</th><th>Price</th></tr><tr><td>Tea</td><td>4 EUR</td></tr></table>"
    assert html_to_text(html).text == "Item | Price\nTea | 4 EUR"


def test_links_are_numbered_once_and_keep_their_label() -> None:
    html = '<a href="https://a.example/1">one</a> <a href="https://b.example/">two </a><a href="https://a.example/1">again</a>'
    converted = html_to_text(html)
    assert converted.text == "one[1] two[2] again[1]"
    assert [(link.number, link.text, link.host) for link in converted.links] == [
        (1, "one", "a.example"),
        (2, "two", "b.example"),
    ]


def test_a_link_that_shows_itself_needs_no_number_unless_it_is_long() -> None:
    assert html_to_text('<a href="https://contoso.com/">contoso.com</a>').text == "contoso.com"
    long = "https://contoso.com/" + "x" * 80
    assert html_to_text(f'<a href="{long}">{long}</a>').text == "contoso.com[1]"


def test_a_link_under_the_name_of_another_host_says_where_it_goes() -> None:
    assert html_to_text('<a href="https://evil.example/">www.paypal.com</a>').text == "www.paypal.com[1→evil.example]"


def test_a_mail_link_shows_its_address_and_a_script_link_nothing() -> None:
    html = '<a href="mailto:bob@contoso.com?subject=x">Bob</a> <a href="javascript:x()">run</a>'
    assert html_to_text(html).text == "Bob <bob@contoso.com> run"


def test_images_are_named_by_their_alternative_text() -> None:
    converted = html_to_text('<img src="https://t.example/a.png" alt="Our logo"><img src="x" alt="IMG_1.png">')
    assert converted.text == "[Our logo]"
    assert converted.images == 2


def test_preformatted_text_keeps_its_spaces_and_lines() -> None:
    assert html_to_text("<pre>a   b\n  c</pre>").text == "a   b\n  c"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("10<sup>5</sup>", "10⁵"),
        ("10<sup>-3</sup> m<sup>2</sup>", "10⁻³ m2"),
        ("100 EUR<sup>1</sup> or 100<sup><b>2</b></sup>", "100 EUR1 or 100²"),
        ("1<sup>st</sup> of 2<sup>nd</sup>", "1st of 2nd"),
    ],
)
def test_a_raised_number_is_no_part_of_the_one_before_it(html: str, text: str) -> None:
    assert html_to_text(html).text == text


def test_quoted_blocks_are_prefixed() -> None:
    html = "<p>Yes.</p><blockquote>Shall we?<blockquote>When?</blockquote></blockquote><p>Soon.</p>"
    assert html_to_text(html).text == "Yes.\n\n> Shall we?\n> > When?\n\nSoon."


def test_ornaments_and_blank_lines_are_shortened() -> None:
    assert html_to_text("<p>a</p><p>&nbsp;</p><p>" + "=" * 70 + "</p><p><br></p><p>b</p>").text == "a\n\n===\n\nb"


def test_text_that_exchange_made_html_of_keeps_its_columns_and_indents() -> None:
    rows = "Item&nbsp;&nbsp; Qty<br>\r\nNuts&nbsp;&nbsp;&nbsp; 2<br>\r\n&nbsp;&nbsp;in\u00a0stock"
    assert html_to_text(f'<div class="PlainText">{rows}</div>').text == "Item   Qty\nNuts    2\n  in stock"
    assert html_to_text(f"<div>{rows}</div>").text == "Item Qty\nNuts 2\nin stock"
