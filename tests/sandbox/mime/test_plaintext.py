"""HTML as plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlook_mcp.sandbox.mime import html_to_text
from tests.cpu_limit import cpu_limit


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<div>one</div><div>two<br>three</div>", "one\n\ntwo\nthree"),
        ("a <b>bold</b>\n word", "a bold word"),
        ("<ul><li>x</li><li>y</li></ul>", "- x\n\n- y"),
        ("<table><tr><td>Rent</td><td>100</td></tr><tr><td>Heat</td><td>20</td></tr></table>", "Rent\t100\n\nHeat\t20"),
        ("<title>t</title><style>s</style><script>c</script><!-- c -->seen", "seen"),
        ("1 &lt; 2&nbsp;&amp; so", "1 < 2 & so"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("<span style='display:none'>preheader</span>seen", "preheaderseen"),
        ("", ""),
    ],
)
def test_html_reads_as_lines(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.parametrize("bomb", ["<div>" * 200_000 + "bottom", "<" * 500_000 + "bottom", "<div><b>" * 700 + "bottom"])
def test_a_bomb_is_read_in_bounded_time(bomb: str) -> None:
    with cpu_limit(20):
        assert html_to_text(bomb).endswith("bottom") or bomb.startswith("<<")


@given(st.text(st.sampled_from("<>/&;=\"' \x00abdivptrliemhl!-")))
def test_any_html_gives_text(html: str) -> None:
    assert "\x00" not in html_to_text(html)
