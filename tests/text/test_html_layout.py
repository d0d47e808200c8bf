from __future__ import annotations

import pytest

from outlook_mcp.text.html.document import html_to_text


def test_headings_paragraphs_and_lists_read_as_text() -> None:
    html = (
        "<h1>Plan</h1><p>We  need\n two:</p><ul><li>tea<ul><li>green</li></ul></li></ul><ol><li>a</li><li>b</li></ol>"
    )
    assert html_to_text(html).text == "# Plan\n\nWe need two:\n\n- tea\n  - green\n\n1. a\n2. b"


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


@pytest.mark.parametrize(
    ("html", "text", "urls"),
    [
        ("<a href=mailto:bob@contoso.com>Bob</a> <a href=javascript:x()>run</a>", "Bob <bob@contoso.com> run", []),
        ("<a href='mailto:b@x.example?subject=Stop%207'>Stop</a>", "Stop <b@x.example>[1]", ["?subject=Stop%207"]),
        ("<a href='mailto:?body=Look'>Tell others</a>", "Tell others[1]", ["mailto:?body=Look"]),
        ("<a href=tel:+41441234567>Call us</a>", "Call us <+41441234567>", []),
        ("<a href=tel:+41441234567>044 123 45 67</a>", "044 123 45 67", []),
        ("<a href=ftp://a.example/x>x</a>", "x[1]", ["ftp://a.example/x"]),
        ("<a href=webcal://a.example/x>Subscribe</a>", "Subscribe[1]", ["webcal://a.example/x"]),
        ("<a href=msteams:/l/meetup-join/1>Join</a>", "Join[1]", ["msteams:/l/meetup-join/1"]),
        ("<a href=sms:+4144>Text us</a>", "Text us[1]", ["sms:+4144"]),
        ("<a href=www.a.example/x>x</a>", "x[1]", ["http://www.a.example/x"]),
        ("<a href=https://a.example/><img src=x></a>", "[image][1]", ["https://a.example/"]),
        ("<a href=https://a.example/><img src=x alt=Shop></a>", "[Shop][1]", ["https://a.example/"]),
        ("<a href=https://a.example/>Buy</a> <a href=https://a.example/><img src=x></a>", "Buy[1]", ["a.example/"]),
        ("<a href=https://a.example/><img src=x width=1></a><a href=https://b.example/></a>", "", []),
        ("<a href=https://a.example/><img src=x style='display:none'></a>", "", []),
    ],
)
def test_a_link_says_where_it_goes_or_has_a_number(html: str, text: str, urls: list[str]) -> None:
    converted = html_to_text(html)
    assert converted.text == text
    assert len(converted.links) == len(urls)
    assert all(link.url.endswith(url) for link, url in zip(converted.links, urls, strict=True))


def test_the_places_in_an_image_are_told_once_behind_it_and_not_without_it() -> None:
    areas = "<map name=m><area href=https://a.example/ alt=Left><area href=https://b.example/></map>"
    assert html_to_text(f"{areas}<img usemap='#m' alt=Map><img usemap='#m'>").text == "[Map] [Left][1][image][2]"
    assert html_to_text(f"{areas}<img usemap='#m' alt=Map style='display:none'>").links == ()


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<input name=a> <input type=submit value=Go>", "Go[1]"),
        ("<input name=a> <button>Go</button>", "Go[1]"),
        ("<input name=a> <button type=button>Go</button>", "Go [form][1]"),
        ("<input name=a><button formaction=https://b.example/>Go</button>", "Go[1→b.example]"),
        ("<p>Hello</p>", "Hello"),
    ],
)
def test_a_form_says_where_it_sends_what_is_filled_in(inside: str, text: str) -> None:
    converted = html_to_text(f"<form action=https://a.example/>{inside}</form>")
    assert converted.text.replace("\n", " ") == text.replace("→b.example", "")
    assert [link.host for link in converted.links] == (
        ["b.example" if "→" in text else "a.example"] if "1" in text else []
    )


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


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<ol reversed><div><li>a</div><li>b<ol><li>x</ol></ol>", "2. a\n1. b\n  1. x"),
        ("<ol style='counter-reset:list-item 4'><li>a<li>b</ol>", "5. a\n6. b"),
        ("<ol><li style='counter-increment:list-item 2'>a<li>b</ol>", "2. a\n3. b"),
        ("<ol><li style='counter-set:list-item 9'>a<li>b</ol>", "9. a\n10. b"),
        (
            "<style>@counter-style s{system:cyclic;symbols:'Step' 'Stop';suffix:'! '}</style>"
            "<ol style='list-style-type:s'><li>a<li>b</ol>",
            "Step! a\nStop! b",
        ),
    ],
)
def test_items_of_a_list_have_the_numbers_that_a_browser_shows(html: str, text: str) -> None:
    assert html_to_text(f"<!doctype html><body>{html}").text == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<s style='text-decoration:none'>x</s>", "x"),
        ("<s>a <b style='text-decoration:none'>b</b></s>", "~~a b~~"),
        ("<s>a <b style='display:inline-block'>b</b></s>", "~~a~~ b"),
        ("<q>a</q> and <q style=\"quotes:'<' '>'\">b</q>", "“a” and <b>"),
        ("<a href='https://contoso.com/a'><table><tr><td>Cell</table></a>", "Cell[1]"),
        ("<a href='MAILTO:bob@contoso.com'>Bob</a>", "Bob <bob@contoso.com>"),
    ],
)
def test_marks_stand_where_a_browser_shows_them(html: str, text: str) -> None:
    assert html_to_text(f"<!doctype html><body>{html}").text == text
