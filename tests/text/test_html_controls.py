"""What the fields and buttons of a form show, and the numbers and links of lists and drawings."""

from __future__ import annotations

import pytest

from outlook_mcp.text.html.document import html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<input type=submit>", "Submit"),
        ("<input type=SUBMIT value='Pay now'>", "Pay now"),
        ("<input type=submit value=''>x", "x"),
        ("<input type=reset>", "Reset"),
        ("<input type=button>x", "x"),
        ("<input type=image src=a.png alt=Go>", "Go"),
        ("<input type=month value=2026-03>", "2026-03"),
        ("<input type=datetime-local value=2026-03-04T10:00>", "2026-03-04T10:00"),
        ("<input type=month value=soon placeholder=month>", "[may be hidden: month]"),
        ("<input type=unheard-of value=shown>", "shown"),
        ("<input type=hidden value=a><input type=password value=b><input type=file value=c>x", "x"),
        ("<select><option disabled>Choose<option>First</select>", "First"),
    ],
)
def test_a_field_says_what_a_browser_shows(html: str, text: str) -> None:
    assert html_to_text(f"<body>{html}").text == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<select size=2><option>a<option>b<option>c</select>", "[ ] a\n[ ] b\n[folded: [ ] c]"),
        ("<select size=2><option>a<option>b<option selected>c</select>", "[ ] a\n[ ] b\n[x] c"),
        (
            "<select multiple><option>a<option>b<option>c<option>d<option>e</select>",
            "[ ] a\n[ ] b\n[ ] c\n[ ] d\n[folded: [ ] e]",
        ),
    ],
)
def test_options_that_a_list_shows_after_scrolling_are_told_as_folded(html: str, text: str) -> None:
    assert html_to_text(html).text == text


def test_a_submit_button_without_a_value_has_the_address_of_its_form() -> None:
    converted = html_to_text("<form action='https://contoso.com/pay'><input name=card><input type=submit></form>")
    assert "Submit[1]" in converted.text
    assert converted.links[0].url == "https://contoso.com/pay"


def test_an_item_that_counters_number_has_no_second_number() -> None:
    sheet = "<style>ol{counter-reset:i}li{display:block;counter-increment:i}li:before{content:counters(i,'.') ' '}"
    assert html_to_text(f"{sheet}</style><ol><li>one<li>two<ol><li>three</ol></ol>").text.split() == (
        ["-", "1", "one", "-", "2", "two", "-", "2.1", "three"]
    )


def test_an_item_without_a_mark_takes_no_number() -> None:
    assert html_to_text("<ol><li style='display:block'>one<li>two</ol>").text == "- one\n1. two"


@pytest.mark.parametrize("name", ["href", "xlink:href"])
def test_a_link_in_a_drawing_keeps_its_address(name: str) -> None:
    converted = html_to_text(f"<svg width=90 height=20><a {name}='https://contoso.com/a'><text y=9>go</text></a></svg>")
    assert [link.url for link in converted.links] == ["https://contoso.com/a"]


def test_the_text_that_a_style_puts_before_items_is_read() -> None:
    assert html_to_text("<ul style='list-style:\"Step: \"'><li>mix<li>bake</ul>").text == "- Step: mix\n- Step: bake"


def test_of_two_unfolded_details_with_one_name_the_second_is_folded() -> None:
    html = "".join(f"<details name=a open><summary>{n}</summary>text {n}</details>" for n in "12")
    assert html_to_text(html).text == "1\ntext 1\n2\n[folded: text 2]"


def test_the_text_that_a_style_puts_before_items_is_bounded_as_a_whole() -> None:
    html = "<ul style='list-style:\"" + "w" * 3_000 + "\"'>" + "<li>x" * 3_000
    assert len(html_to_text(html).text) < 3 * len(html)
