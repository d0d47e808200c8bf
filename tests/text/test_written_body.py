"""Bodies in HTML come out clean, and large ones are rendered in another process."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from outlook_mcp.errors import InvalidInput
from outlook_mcp.text.isolated.limits import JobLimits
from outlook_mcp.text.isolated.processes import ProcessSettings, WorkerProcesses
from outlook_mcp.text.written_body import MOST_CHARS, body_to_html, written_body


@pytest.fixture
async def processes() -> AsyncIterator[WorkerProcesses]:
    limits = JobLimits(cpu_seconds=0.5)
    workers = WorkerProcesses(ProcessSettings(most_processes=1, limits=limits))
    yield workers
    workers.close()


def inside(html: str) -> str:
    """Without styles, which have a test of their own."""
    return re.sub(' style="[^"]*"', "", html.partition("\n")[2].removesuffix("</div>"))


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("<p>Hi Erin,</p><p>The <b>offer</b> is fine.</p>", "<p>Hi Erin,</p><p>The <b>offer</b> is fine.</p>"),
        ("<p>2*3*4 C:\\new\\_x_</p>", "<p>2*3*4 C:\\new\\_x_</p>"),
        ('<p style="color:red" onclick="x()" class="a">Hi</p>', "<p>Hi</p>"),
        ("<p>a<script>alert(1)</script><style>p{}</style>b</p>", "<p>ab</p>"),
        ('<p><a href="javascript:alert(1)">x</a></p>', "<p>x</p>"),
        ('<p><a rel=x href="https://x.ex/?a=1&b=2">y</a>', '<p><a href="https://x.ex/?a=1&amp;b=2">y</a></p>'),
        ('<p><img src="https://t.example/p.png" alt="Logo"><img src=x></p>', "<p>Logo</p>"),
        ("<p><del>500</del> <ins>400</ins> <custom>x</custom></p>", "<p><s>500</s> <u>400</u> x</p>"),
        ('<table><td colspan="2" width=9>1</table>', '<table><tbody><tr><td colspan="2">1</td></tr></tbody></table>'),
        ("<!doctype html><html><head><title>T</title></head><body><!-- c --><p>Hi</body></html>", "<p>Hi</p>"),
        ("<p>Hi</p>\n\nBest regards,\n<b>Bob</b>\n5 < 6", "<p>Hi</p>Best regards,<br />\n<b>Bob</b><br />\n5 &lt; 6"),
        ("<html><body>one\ntwo</body></html>", "one\ntwo"),
        ("<p>unclosed <b>tags <p>here", "<p>unclosed <b>tags </b></p><p><b>here</b></p>"),
        (
            "<p>a<b style='color:red; DISPLAY: none'>x</b><i hidden>y</i><u style='display:block'>z</u></p>",
            "<p>a<u>z</u></p>",
        ),
        ("<p>5 &lt; 6 &amp; a &lt;script&gt;</p>", "<p>5 &lt; 6 &amp; a &lt;script&gt;</p>"),
    ],
)
def test_html_becomes_clean_html(written: str, html: str) -> None:
    assert inside(written_body(written)) == html


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("**Hi** <b>Bob</b> 2*3*4", "<p><strong>Hi</strong> <b>Bob</b> 2*3*4</p>"),
        ("one<br>two<script>x", "<p>one<br />two&lt;script&gt;x</p>"),
        ("<u>a</u> <i onclick=x()>b</i>", "<p><u>a</u> <i>b</i></p>"),
    ],
)
def test_markdown_with_tags_in_its_lines_is_both(written: str, html: str) -> None:
    assert inside(written_body(written)) == html


def test_tags_in_code_are_shown_as_text() -> None:
    assert inside(written_body("Write `<b>x</b>` or\n```\n<p>x</p>\n```")) == (
        "<p>Write <code>&lt;b&gt;x&lt;/b&gt;</code> or</p>\n<pre><code>&lt;p&gt;x&lt;/p&gt;\n</code></pre>\n"
    )


async def test_a_large_body_is_rendered_in_a_worker_process_as_a_small_one_is(processes: WorkerProcesses) -> None:
    written = "Hello **world**, 2*3*4.\n\n" * 400
    assert await body_to_html(written, processes=processes) == written_body(written)


async def test_a_body_that_is_too_costly_is_refused_with_advice(processes: WorkerProcesses) -> None:
    with pytest.raises(InvalidInput, match="too deeply nested") as caught:
        await body_to_html("[" * 60_000, processes=processes)
    assert "less markup" in caught.value.next_step


async def test_a_body_that_is_too_large_is_refused_before_it_is_rendered() -> None:
    with pytest.raises(InvalidInput, match="500,001 characters; at most 500,000"):
        await body_to_html("x" * (MOST_CHARS + 1))


def test_tables_and_code_have_the_styles_that_outlook_needs() -> None:
    html = written_body("|a|b|\n|--|--:|\n|1|2|\n\n`code`")
    assert '<table style="border-collapse:collapse">' in html
    assert re.search(r'<td style="border:1px solid #\w+;[^"]*">1</td>', html)
    assert re.search(r'<td style="border:1px solid #\w+;[^"]*;text-align:right">2</td>', html)
    assert '<code style="font-family:Consolas' in html


@pytest.mark.parametrize(
    ("written", "image"),
    [
        ("![Logo](cid:logo.png)", '<img src="cid:logo.png" alt="Logo" />'),
        ("Hi <b>Bob</b> ![Logo](logo.png)", '<img src="cid:logo.png" alt="Logo" />'),
        ("![](4711/2)", '<img src="cid:4711/2" alt="" />'),
        ("![a](<my chart.png>)", '<img src="cid:my chart.png" alt="a" />'),
        ('<p><img src="cid:logo.png" alt="Logo"></p>', '<img src="cid:logo.png" alt="Logo" />'),
    ],
)
def test_an_attached_picture_is_shown_by_its_name_or_reference(written: str, image: str) -> None:
    assert image in written_body(written)


@pytest.mark.parametrize("written", ["`![a](cid:x.png)`", "```\n![a](x.png)\n```", "![a](data:image/png;base64,xx)"])
def test_no_other_text_becomes_a_picture(written: str) -> None:
    assert "<img" not in written_body(written)
