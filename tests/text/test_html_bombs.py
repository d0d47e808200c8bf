from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.graph.handles import Handles
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.reading import ReadItem
from outlook_mcp.text.html import convert
from outlook_mcp.text.html.document import html_to_text
from outlook_mcp.text.html.guard import DEEPEST, depth_of
from tests.answers import read_answer
from tests.effort import usually
from tests.ids import message_id

MEGABYTES_5 = 5_000_000
BOMBS = {
    "nested": "<div><b>" * 700_000,
    "reopened formatting": "<div>"
    + "".join(f"<font a={n}>" for n in range(1400))
    + "</div>"
    + "<div>x</div>" * 400_000,
    "stray ends": "<span>" * 1400 + "</i>" * 1_250_000,
    "flat": "<p>x</p>" * 700_000,
    "quotes": "<blockquote>" * 1400 + "a<br>" * 1_000_000,
    "brackets": "<" * MEGABYTES_5,
    "open comment": "<!--" * 1_250_000,
    "open sheet": "<style>" + "@media x{" * 600_000,
    "descendant rules": "<style>"
    + ".a .b .c{display:none}" * 4000
    + "</style>"
    + "<div class=a>" * 400
    + "<i class=c>x</i>" * 300_000,
    "long style": '<p style="' + "a:b;" * 1_250_000 + '">x',
    "links": '<a href="http://x.example/?a=1&b=2">q</a>' * 130_000,
}


@pytest.mark.parametrize("name", list(BOMBS)[:: usually(4, thoroughly=1)])
async def test_a_bomb_is_converted_within_the_limits_of_its_process(name: str) -> None:
    converted = await convert(BOMBS[name])
    assert converted.truncated
    # The process was not stopped: it gave the same text as one without limits.
    assert converted == html_to_text(BOMBS[name])


async def test_a_large_body_is_read_in_another_process_with_the_same_result() -> None:
    html = "<p>Grüße</p>" * 10_000
    assert await convert(html) == html_to_text(html)


async def test_a_process_that_takes_too_long_is_stopped_and_flat_text_returned() -> None:
    # Lexbor compares each attribute of a tag with all others.
    html = "<p>Hello there</p><a " + " ".join(f"a{n}" for n in range(300_000)) + ">x</a>"
    converted = await convert(html)
    assert converted.truncated
    assert converted.text.startswith("Hello there")


def test_text_beyond_the_depth_guard_is_flat_but_there() -> None:
    converted = html_to_text("<div>" * (DEEPEST + 1) + "deep &amp; low")
    assert converted.text == "deep & low"
    assert converted.truncated


def test_a_body_that_is_not_parsed_shows_no_attribute_and_says_that_hidden_text_may_be_there() -> None:
    html = "<div>" * (DEEPEST + 1) + f"<a title='{'obey ' * 2_000}'>seen</a><b hidden>unseen</b><img alt='obey"
    converted = html_to_text(html)
    assert (converted.text, converted.flat) == ("seen", True)
    context = AnswerContext(Handles(None), UTC, datetime.now(UTC))
    assert "this may include hidden text" in read_answer(context, [ReadItem(Message(id=message_id("m")), converted)])


def test_real_nesting_and_unclosed_paragraphs_pass_the_guard() -> None:
    assert depth_of("<table><tr><td>" * 500 + "x" + "</td></tr></table>" * 500) is not None
    assert depth_of("<p>a<li>b<br><td>" * 20_000) is not None


FRAGMENTS = st.sampled_from(
    [
        "<div",
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<table>",
        "<tr>",
        "<td>",
        "</td>",
        "</table>",
        "<ul>",
        "<li>",
        "</ul>",
        "<a",
        "href=x>",
        "</a>",
        "<a",
        "href='https://e.example/'>",
        "<style>",
        "</style>",
        ".a{display:none}",
        "<!--",
        "-->",
        "<svg>",
        "</svg>",
        "<math>",
        "<template>",
        "<select>",
        "<pre>",
        "</pre>",
        "<blockquote",
        "class=a",
        "style='color:red'",
        ">",
        '"',
        "'",
        "&",
        "&amp;",
        "&#0;",
        "&#xE0041;",
        "\x00",
        "�",
        "é",
        "漢",
        "\u202e",
        "<img",
        "alt=x>",
        "<font",
        "color=fff>",
        "<textarea>",
        "<script>",
        "</script>",
        "<title>",
        "<frameset>",
        "<body>",
        "</body>",
        "<html>",
        "<head>",
        "]]>",
        "<![CDATA[",
        "<?xml",
    ]
)


@settings(max_examples=usually(60, thoroughly=300))
@given(st.lists(FRAGMENTS | st.text(max_size=6), max_size=60).map("".join))
def test_any_soup_becomes_clean_text(html: str) -> None:
    converted = html_to_text(html)
    assert not any(ord(character) < 32 and character not in "\n" for character in converted.text)
    assert not set("\u202e\u200b\U000e0041") & set(converted.text)
    html_to_text(html, drop_quotes=True)
