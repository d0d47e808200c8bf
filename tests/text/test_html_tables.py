"""A value stays under its heading, whatever is empty or spanned beside it; numbers and ticks stay what they are."""

from __future__ import annotations

import pytest

from outlook_mcp.text.html.document import html_to_text


def table(*rows: str) -> str:
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


HEAD = "<th>Item</th><th>Qty</th><th>Price</th>"


def test_an_empty_cell_keeps_its_column() -> None:
    html = table(HEAD, "<td>Chair</td><td>40</td><td>120.00</td>", "<td>Desk</td><td></td><td>340.00</td>")
    assert html_to_text(html).text == "Item | Qty | Price\nChair | 40 | 120.00\nDesk | - | 340.00"


@pytest.mark.parametrize("empty", ["", " ", "&nbsp;", "<p>&nbsp;</p>", "<br>", '<img src=x width=1 height=1 alt="">'])
def test_what_looks_empty_is_empty(empty: str) -> None:
    html = table(HEAD, f"<td>Desk</td><td>{empty}</td><td>340.00</td>")
    assert html_to_text(html).text.endswith("\nDesk | - | 340.00")


def test_every_empty_cell_under_a_heading_is_told_and_without_headings_those_before_the_last_text() -> None:
    rows = ("<td>Sales</td><td>1</td><td></td>", "<td></td><td></td><td>7</td>", "<td colspan=3>All is final</td>")
    headed = html_to_text(table("<th></th><th>Q1</th><th>Q2</th>", *rows)).text
    assert headed == "- | Q1 | Q2\nSales | 1 | -\n- | - | 7\nAll is final"
    bare = html_to_text(table("<td></td><td>Q1</td><td>Q2</td>", *rows)).text
    assert bare == "- | Q1 | Q2\nSales | 1\n- | - | 7\nAll is final"


def test_a_cell_across_columns_keeps_those_behind_it_in_place() -> None:
    html = table(HEAD, "<td colspan=2>Total</td><td>460.00</td>")
    assert html_to_text(html).text == "Item | Qty | Price\nTotal | - | 460.00"


def test_a_cell_that_reaches_into_the_next_rows_is_pointed_at_there() -> None:
    html = table(
        HEAD, "<td rowspan=2>Chair</td><td>1</td><td rowspan=3>9</td>", "<td>2</td>", "<td>Desk</td><td>3</td>"
    )
    assert html_to_text(html).text == "Item | Qty | Price\nChair | 1 | 9\n↑ | 2 | ↑\nDesk | 3 | ↑"


def test_a_cell_reaches_to_the_end_of_its_group_and_never_into_the_next() -> None:
    to_the_end = table("<td rowspan=0>A</td><td>1</td>", "<td>2</td>", "<td>3</td>")
    assert html_to_text(to_the_end).text == "A | 1\n↑ | 2\n↑ | 3"
    head = "<thead><tr><th rowspan=2>Item</th><th>Price</th></tr></thead>"
    grouped = f"<table>{head}<tbody><tr><td>Desk</td><td>340.00</td></tr></tbody></table>"
    assert html_to_text(grouped).text == "Item | Price\nDesk | 340.00"


def test_cells_of_one_paragraph_each_as_word_writes_them_share_their_line() -> None:
    html = table("<td><p>Item</p></td><td><p><b>Qty</b></p></td>", "<td><p>Desk</p></td><td><p>4</p></td>")
    assert html_to_text(html).text == "Item | Qty\nDesk | 4"


def test_a_column_that_is_empty_in_every_row_is_distance_and_not_told() -> None:
    html = table("<td></td><td>a</td><td></td><td>b</td>", "<td></td><td>c</td><td></td><td>d</td>")
    assert html_to_text(html).text == "a | b\nc | d"


def test_a_table_that_arranges_other_tables_gets_no_signs() -> None:
    inner = table("<td>one</td>")
    html = table(f"<td></td><td>{inner}</td><td>x</td>", "<td>a</td><td></td><td>y</td>")
    assert "-" not in html_to_text(html).text
    assert "-" not in html_to_text(table("<td>a<td><td>b", "<td><td>c<td>d").replace("<table", "<table role=none")).text


@pytest.mark.parametrize("span", ["100000", "99999999999999999999", "0", "-1", "x", "²"])
def test_an_impossible_span_does_no_harm(span: str) -> None:
    html = table(HEAD, f"<td colspan={span} rowspan={span}>Desk</td><td>4</td>", "<td>Chair</td>")
    assert {"Desk", "Chair"} <= set(html_to_text(html).text.split())


def test_spans_of_spans_are_bounded() -> None:
    rows = ["<td rowspan=9999 colspan=60>a" * 50] + ["<td>b<td>c"] * 5_000
    text = html_to_text(table(*rows)).text
    assert text.count("b | c") == 5_000
    assert len(text) < 200_000


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<ol start=3><li>a<li>b</ol>", "3. a\n4. b"),
        ("<ol><li>a<li value=9>b<li>c</ol>", "1. a\n9. b\n10. c"),
        ("<ol><li><p>a</p><p>more</p><li>\n<div><p>b</p></div></ol>", "1. a\n\nmore\n\n2. b"),
        ("<ol><li><h3>A</h3>a<li></li></ol><p>b</p>", "1. ## A\n\na\n2.\n\nb"),
        ("<ol><li>a<ul><li>b</ul><li>c</ol>", "1. a\n  - b\n2. c"),
        ("<ol reversed><li>a<li>b</ol>", "2. a\n1. b"),
        ("<ol reversed start=10><li>a<li>b</ol>", "10. a\n9. b"),
        ("<ol type=a><li>x<li>y</ol>", "a. x\nb. y"),
        ("<ol type=A start=27><li>x</ol>", "AA. x"),
        ("<ol type=i start=4><li>x</ol>", "iv. x"),
        ("<ol type=I start=9><li>x</ol>", "IX. x"),
        ('<ol style="list-style-type: lower-roman"><li>x</ol>', "i. x"),
        ('<ol style="list-style: upper-alpha inside"><li>x</ol>', "A. x"),
        ("<ol><li>a<ol type=a><li>b</ol><li>c</ol>", "1. a\n  a. b\n2. c"),
        ("<ol start=x><li>a</ol>", "1. a"),
        ("<ol><li type=a>x<li>y</ol>", "a. x\n2. y"),
        ('<ol><li style="list-style-type:upper-alpha">x</ol>', "A. x"),
        ('<ol style="list-style-type:decimal-leading-zero"><li>x</ol>', "01. x"),
        ('<ol style="list-style-type:lower-greek" start=2><li>x</ol>', "β. x"),
        ('<ol style="list-style-type:disc"><li>x</ol>', "- x"),
        ('<ul style="list-style-type:decimal"><li>x<li>y</ul>', "1. x\n2. y"),
        ("<ul type=circle><li>x</ul>", "- x"),
        ("<ol start=-1><li>a<li>b<li>c</ol>", "-1. a\n0. b\n1. c"),
    ],
)
def test_lists_keep_their_numbers(html: str, text: str) -> None:
    assert html_to_text(html).text == text


@pytest.mark.parametrize(
    "html",
    [
        "<s>500</s> 450",
        "<del>500</del> 450",
        "<strike>500</strike> 450",
        '<span style="text-decoration:line-through">500</span> 450',
        '<span style="text-decoration: underline line-through red">500</span> 450',
        '<span style="text-decoration-line:line-through">500</span> 450',
        "<style>.old{text-decoration:line-through}</style><b class=old>500</b> 450",
        '<s><span style="text-decoration:none">500</span></s> 450',
    ],
)
def test_struck_out_text_is_marked(html: str) -> None:
    assert html_to_text(html).text == "~~500~~ 450"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<input type=checkbox checked> milk", "[x] milk"),
        ("<input type=checkbox> bread", "[ ] bread"),
        ("<input type=radio checked disabled> tea", "[x] tea"),
        ("☑ milk ☐ bread ☒ tea", "☑ milk ☐ bread ☒ tea"),
        ("<ul><li><input type=checkbox checked>milk</ul>", "- [x] milk"),
        ("Look it up<input type=submit value=Go>", "Look it up Go"),
    ],
)
def test_ticks_are_told(html: str, text: str) -> None:
    assert html_to_text(html).text == text


def test_a_cell_of_several_short_lines_keeps_its_row_together() -> None:
    head = "<table border=1><tr><th>Item<th>Qty<th>Price</tr>"
    broken = "<tr><td>Bolts<br>M8</td><td></td><td>5.00</td></tr>"
    paragraphs = "<tr><td><p class=MsoNormal>Nuts</p>\n<p class=MsoNormal>M6</p></td><td>2</td><td></td></tr>"
    assert html_to_text(f"{head}{broken}{paragraphs}</table>").text.splitlines() == [
        "Item | Qty | Price",
        "Bolts / M8 | - | 5.00",
        "Nuts / M6 | 2 | -",
    ]


def test_cells_of_several_lines_that_arrange_a_page_stay_lines() -> None:
    html = "<table role=presentation><tr><td>Ann</td><td>1 Main St<br>Bern</td></tr></table>"
    assert html_to_text(html).text == "Ann | 1 Main St\nBern"


def test_a_bar_in_a_cell_is_no_border_of_one() -> None:
    html = "<table><tr><td>Command<td>Count<tr><td>a | b<td>5</table>"
    assert html_to_text(html).text == "Command | Count\na \\| b | 5"


@pytest.mark.parametrize("cell", ["a |", "| a", "|", "a||"])
def test_a_bar_at_the_edge_of_a_cell_or_line_is_kept(cell: str) -> None:
    escaped = cell.replace("|", "\\|")
    assert html_to_text(table("<td>x<td>y", f"<td>1<td>{cell}", f"<td>{cell}<td>1")).text.splitlines() == [
        "x | y",
        f"1 | {escaped}",
        f"{escaped} | 1",
    ]
    assert html_to_text(f"<p>{cell}</p>").text == cell


def test_struck_out_rows_are_marked_cell_by_cell_and_lines_line_by_line() -> None:
    html = "<s>" + table("<td>Tea<td>4", "<td>Salt<td>5").replace("<td>", "<td><s>")
    assert html_to_text(html).text == "~~Tea~~ | ~~4~~\n~~Salt~~ | ~~5~~"
    assert html_to_text("<s>500 <b>EUR</b></s><div><s>a<br>b</s></div>").text == "~~500 EUR~~\n~~a~~\n~~b~~"


def test_tildes_of_the_letter_are_no_marks() -> None:
    assert html_to_text("about ~~5~~ km ~ <s>6</s> <pre>~~x</pre>").text == "about \\~~5\\~~ km ~ ~~6~~\n\n~~x"
