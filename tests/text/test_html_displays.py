"""What styles make of elements for the text: rows and cells, lines, numbers, symbols; and what controls show."""

from __future__ import annotations

import pytest

from outlook_mcp.text.html.document import html_to_text

CELL = '<div style="display:table-cell">{}</div>'
ROW = f'<div style="display:table-row">{CELL}{CELL}</div>'


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (f'<div style="display:table">{ROW.format("Tea", 4)}{ROW.format("Salt", 5)}</div>', "Tea | 4\nSalt | 5"),
        ("<style>i{display:table-cell}</style><div style=display:table><i>Tea</i><i>4</i></div>", "Tea 4"),
        ("<style>b{display:inline-block}</style><b>Tea</b><b>4</b>, and", "Tea 4, and"),
        ("<span style=display:block>Tea</span><span style=display:block>Salt</span>", "Tea\nSalt"),
        ("<p style=display:flex><span>Tea</span><span>4 EUR</span></p>", "Tea 4 EUR"),
        ("<span style=float:left>Tea</span><span style=float:right>4</span>", "Tea 4"),
        ("<button>Yes</button><button>No</button>", "Yes No"),
        ("un<b style='display:inline'>believ</b>able", "unbelievable"),
        ("<table><tr><td><div style=display:table>A</div><td>B<tr><td><td>C</table>", "A | B\n- | C"),
    ],
)
def test_a_style_sets_elements_apart(html: str, text: str) -> None:
    assert html_to_text(html).text == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<style>.a{list-style-type:upper-roman}</style><ol class=a><li>x<li>y</ol>", "I. x\nII. y"),
        ("<style>ol{list-style:lower-alpha inside}</style><ol><li>x</ol>", "a. x"),
        ("<style>ol{counter-reset:n}li{list-style:none}</style><ol><li>x</ol>", "- x"),
        (
            "<style>body{counter-reset:c}h3{counter-increment:c}h3:before{content:'Part ' counter(c, upper-roman) ': '}"
            "</style><h3>x</h3><h3>y</h3>",
            "## Part I: x\n\n## Part II: y",
        ),
        (
            "<style>div{counter-reset:s}p::before{counter-increment:s;content:counters(s,'.') ') '}</style>"
            "<div><p>x</p><div><p>y</p></div><p>z</p></div>",
            "1) x\n\n1.1) y\n\n1.2) z",
        ),
    ],
)
def test_numbers_that_styles_count_are_told(html: str, text: str) -> None:
    assert html_to_text(html).text == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Hi <span style='font-family:Wingdings'>J</span>", "Hi ☺"),
        ("<span style='font-family:\"Wingdings\"'>&#252;</span> <font face=Wingdings>&#251;</font>", "✔ ✘"),
        ("<style>.w{font-family:Wingdings}</style><i class=w>§</i> one", "▪ one"),
        ("<span style='font-family:Wingdings'>&#61514;</span>", "☺"),
        ("<span style='font-family:Symbol'>·<span style='font:7.0pt \"Times New Roman\"'>J</span></span>", "•J"),
        ("<span style='font-family:Wingdings'>June</span>", "June"),
    ],
)
def test_letters_of_symbol_fonts_are_told_as_symbols(html: str, text: str) -> None:
    assert html_to_text(html).text == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<select><option>12</select><select><option>May</select>", "12 May"),
        ("<select multiple><option>a<option selected>b</select>", "[ ] a\n[x] b"),
        ("<table><tfoot><tr><td>Sum<td>9</tfoot><tbody><tr><td>Tea<td>9</table>", "Tea | 9\nSum | 9"),
        ("<math><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><mi>b</mi></mfrac></math>", "(a+1)/b"),
        ("<math><msup><mi>x</mi><mn>2</mn></msup></math>", "x^2"),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "漢(kan)"),
    ],
)
def test_what_stands_together_is_kept_apart_and_in_order(html: str, text: str) -> None:
    assert html_to_text(html).text == text


@pytest.mark.parametrize(
    ("html", "hidden"),
    [
        ("<video>secret</video>", 6),
        ("<style>details::details-content{display:none}</style><details open><summary>x</summary>secret</details>", 6),
    ],
)
def test_what_is_shown_only_where_an_element_is_not_known_is_hidden(html: str, hidden: int) -> None:
    converted = html_to_text(html)
    assert "secret" not in converted.text
    assert converted.hidden_chars == hidden


def test_text_for_those_without_scripts_in_a_canvas_may_be_hidden_from_others() -> None:
    assert html_to_text("<canvas>secret</canvas>").text == "[may be hidden: secret]"
