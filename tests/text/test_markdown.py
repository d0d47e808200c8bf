from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlook_mcp.text.markdown import markdown_to_html, markdown_with_html


def test_paragraphs_lists_tables_and_links_become_html() -> None:
    html = markdown_to_html("Hi **Bob**\nline\n\n- one\n\n| a |\n|---|\n| 1 |\n\n[site](https://contoso.com)")
    for part in ("<strong>Bob</strong><br />", "<li>one</li>", "<td>1</td>", '<a href="https://contoso.com">site</a>'):
        assert part in html


def test_raw_html_is_shown_as_text() -> None:
    assert "&lt;script&gt;" in markdown_to_html("<script>alert(1)</script>")


@pytest.mark.parametrize("scheme", ["javascript", "data", "vbscript", "file", "JaVaScRiPt", "cid"])
def test_unsafe_links_are_not_made(scheme: str) -> None:
    assert "href" not in markdown_to_html(f"[x]({scheme}:alert(1))")


def test_no_image_is_ever_fetched_by_the_reader() -> None:
    html = markdown_to_html("![pixel](https://tracker.example/p.png)")
    assert "<img" not in html
    assert '<p><a href="https://tracker.example/p.png">pixel</a></p>' in html
    linked = markdown_to_html("[![Logo](https://a.example/x.png)](https://b.example/)")
    assert '<p><a href="https://b.example/">Logo</a></p>' in linked


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**Note:**please", "<strong>Note:</strong>please"),
        ("**注意：**请看**重要**的", "<strong>注意：</strong>请看<strong>重要</strong>的"),
        ("这是**“重要”**的", "这是<strong>“重要”</strong>的"),
        ("会議は*「水曜日」*です", "会議は<em>「水曜日」</em>です"),
        ("**A** 注意：**B**", "<strong>A</strong> 注意：<strong>B</strong>"),
        ("Note:**bold** and b", "Note:<strong>bold</strong> and b"),
        ("f(**kwargs) and g(**args)", "f(**kwargs) and g(**args)"),
    ],
)
def test_stars_beside_marks_of_the_words_that_they_wrap_are_emphasis(text: str, html: str) -> None:
    assert f"<p>{html}</p>" in markdown_to_html(text)


@given(st.text(max_size=200))
def test_only_known_tags_come_out(text: str) -> None:
    tags = set(re.findall(r"<(\w+)", markdown_to_html(text)))
    known = "div p h1 h2 h3 h4 h5 h6 em strong s a br hr ul ol li blockquote pre code table thead tbody tr th td"
    assert tags <= set(known.split())


@pytest.mark.parametrize("depth", [20, 58, 60, 200])
@pytest.mark.parametrize("html_of", [markdown_to_html, markdown_with_html])
def test_no_text_is_lost_however_deep_it_is_nested(html_of: Callable[[str], str], depth: int) -> None:
    nested_list = "\n".join(f"{'  ' * level}- item{level}." for level in range(depth))
    written = html_of(nested_list)
    assert [level for level in range(depth) if f"item{level}." not in written] == []
    assert "deep" in html_of("> " * depth + "deep")
