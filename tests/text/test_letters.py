"""What people write in letters as text comes out as they wrote it, though Markdown would read it otherwise."""

from __future__ import annotations

import re
from html import unescape

import pytest

from outlook_mcp.text.written_body import written_body


def shown(written: str) -> str:
    """The text of the HTML, one line each."""
    body = written_body(written).partition("\n")[2].removesuffix("</div>")
    return unescape(re.sub(r"<[^>]+>", "", body)).strip()


@pytest.mark.parametrize(
    "letter",
    [
        r"Open \\server\share\*.txt please",
        r"\\server\_hidden_\x and C:\new\_x_ and D:\*.* and C:\Users\bob" + "\\",
        "/usr/_lib_/x and ~/_a_/b and src/_lib_/x and a/*.txt and b/*.py",
        r"..\a\*b* and %TEMP%\x_y_z",
        r"regex: \d+\.\w* and \frac{a}{b}",
        "2*3*4 = 24",
        "5 * 3 * 2 = 30 and f(x)*g(y)*h and 100% * 3 * 4",
        "2**3**4 and 2 ** 3 ** 4",
        "2*(x+1)*-3*.5",
        "10 000*2*3, €5*2*3, 0123*456*789",
        "2024. was good",
        "3. Mai 2026",
        "1. FC Köln",
        "3. 4. 2026\n5. 6. 2026",
        "snake_case and __init__ and _private and a__b__c",
        "$5 ~ $10 and ~/.bashrc and ~x~",
        "https://x.example/a_b_c?d=*e*&f=~g~ and www.x.example/_a_",
        "bob_x_y@x.example",
        "*.txt and *.md",
        "*args and **kwargs",
        "+ 5 boxes\n+ 3 bags",
        "+49 30 1234",
        "> 5 people",
        "Missing:\n# 5 boxes",
        "#5 is alive, #hashtag",
        "10\n- 3\n= 7",
        "Title\n===\nText",
        "[1]: see below",
        "[x] done\n[ ] open",
        "a < b > c and <3",
        "Dear <name>,",
        "Name:\n________\nDate: ____",
        "f(**kwargs) and g(**args)",
    ],
)
def test_text_of_a_letter_survives(letter: str) -> None:
    assert shown(letter) == letter


@pytest.mark.parametrize(("dashes", "following"), [("--", "Bob"), ("-- ", "Bob\nContoso")])
def test_two_dashes_start_a_signature_and_make_no_heading(dashes: str, following: str) -> None:
    html = written_body(f"Best regards\n{dashes}\n{following}")
    signature = following.replace("\n", "<br />\n")
    assert f"<p>Best regards</p>\n<p>--<br />\n{signature}</p>" in html


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("> When?\nTuesday\n> Where?\nHere", "<p>When?</p>\n</blockquote>\n<p>Tuesday</p>\n<blockquote>"),
        ("> > old\n> mid\nnew", "<p>old</p>\n</blockquote>\n<p>mid</p>\n</blockquote>\n<p>new</p>"),
        ("> a\n> b\nc", "<p>a<br />\nb</p>\n</blockquote>\n<p>c</p>"),
        ("- a\n- b\nBest regards\nBob", "<li>b</li>\n</ul>\n<p>Best regards<br />\nBob</p>"),
        ("1. a\n2. b\n   and c\nBob", "<li>b<br />\nand c</li>\n</ol>\n<p>Bob</p>"),
        ("| a |\n|---|\n| 1 |\nBob", "</table>\n<p>Bob</p>"),
    ],
)
def test_what_stands_right_below_a_quote_a_list_or_a_table_is_no_part_of_it(written: str, html: str) -> None:
    assert html in re.sub(r' style="[^"]*"', "", written_body(written))


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("- one that goes\non below\n- two", "<li>one that goes<br />\non below</li>\n<li>two</li>"),
        (f"- {'word ' * 14}\nand the rest", "<br />\nand the rest</li>"),
        ("- a\n  more\n- b", "<li>a<br />\nmore</li>\n<li>b</li>"),
    ],
)
def test_an_item_that_was_wrapped_goes_on(written: str, html: str) -> None:
    assert html in written_body(written)


def test_a_line_of_three_dashes_is_a_line() -> None:
    assert "<p>a</p>\n<hr />\n<p>b</p>" in written_body("a\n---\nb")


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("1. one\n2. two", "<ol>\n<li>one</li>\n<li>two</li>\n</ol>"),
        ("1. one\n1. two", "<ol>\n<li>one</li>\n<li>two</li>\n</ol>"),
        ("5. five\n\nText\n\n6. six", '<ol start="6">\n<li>six</li>\n</ol>'),
        ("- 5 boxes\n- 3 bags", "<ul>\n<li>5 boxes</li>\n<li>3 bags</li>\n</ul>"),
        ("## 2026 in figures", "<h2>2026 in figures</h2>"),
        ("# 1. Plan", "<h1>1. Plan</h1>"),
        ("**bold** *it* _it_ ~~old~~", "<strong>bold</strong> <em>it</em> <em>it</em> <s>old</s>"),
        ("*a*/*b* **A**/**B**", "<em>a</em>/<em>b</em> <strong>A</strong>/<strong>B</strong>"),
        ("**5**-6", "<strong>5</strong>-6"),
        ('"**2*3**", *x*. *y*- (*z*)', "&quot;<strong>2*3</strong>&quot;, <em>x</em>. <em>y</em>- (<em>z</em>)"),
        ("`C:\\x_y_` and `$5 ~ $10`", "<code>C:\\x_y_</code> and <code>$5 ~ $10</code>"),
        ("```\n1. x\n+ 2*3*4\n--\n```", "<pre><code>1. x\n+ 2*3*4\n--\n</code></pre>"),
        ("<https://x.example/a_b_c>", '<a href="https://x.example/a_b_c">https://x.example/a_b_c</a>'),
    ],
)
def test_what_is_meant_as_markdown_is_markdown(written: str, html: str) -> None:
    # The styles of code have a test of their own.
    assert html in re.sub(r' style="font-family:Consolas[^"]*"', "", written_body(written))
