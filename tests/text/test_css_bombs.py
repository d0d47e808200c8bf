"""Style sheets made to cost much: they are converted within the limits of the process, and doubt is told."""

from __future__ import annotations

import pytest

from outlook_mcp.text.html import convert
from outlook_mcp.text.html.document import html_to_text
from tests.effort import usually

# Of each kind that is paid for by the element; a quarter of it leaves room on a machine that does other work.
MANY = usually(7_500, thoroughly=30_000)
# Each ends with a text that it hides in a plain way.
STORMS = {
    "has": "<style>" + "".join(f"div:has(.a{n} .b){{display:none}}" for n in range(400)) + "</style>"
    "" + "<div><p class=a><b class=b>x</b></p></div>" * 8_000,
    "every element": "<style>" + "*{color:red}" * 3_000 + "</style>" + "<p>x</p>" * 30_000,
    "descendants": "<style>" + "".join(f"div div div div div .c{n}{{display:none}}" for n in range(2_000)) + "</style>"
    "" + ("<div>" * 300 + "<i class=c>x</i>" + "</div>" * 300) * 60,
    "siblings": "<style>" + "".join(f"p ~ p ~ p ~ p ~ .c{n}{{display:none}}" for n in range(300)) + "</style>"
    "" + "<p>x</p>" * 20_000,
    "counted children": "<style>" + "".join(f"p:nth-child({n}n+1){{color:red}}" for n in range(1, 400)) + "</style>"
    "" + "<p>x</p>" * 20_000,
    "distinct styles": "".join(f'<p style="color:rgb({n % 256},{n // 256 % 256},3);left:{n}px">x' for n in range(MANY)),
    "distinct gradients": "".join(
        f'<p style="background:linear-gradient(#{0xC00000 + n:06x},red)">x' for n in range(2 * MANY // 3)
    ),
    "media queries": "<style>"
    + "".join(f"@media (max-width:{n}px){{p{{color:red}}}}" for n in range(2 * MANY // 3))
    + "</style>"
    "" + "<p>x</p>" * 20_000,
}
DEEP = {
    "brackets in a value": "<style>.y{color:" + "rgb(" * 100_000 + "}</style>",
    "brackets in a selector": "<style>" + ":not(" * 50_000 + "p{display:none}</style>",
    "nested rules": "<style>" + "a{" * 50_000 + "</style>",
    "nested lists": "<style>" + "a,b,c,d,e,f,g,h{" * 8 + "color:red</style>",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(STORMS)[:: usually(2, thoroughly=1)])
async def test_a_storm_of_rules_is_converted_within_the_limits_of_its_process(name: str) -> None:
    converted = await convert(STORMS[name] + '<p style="display:none">unseen</p>')
    # A process that is stopped gives flat text.
    assert not converted.flat
    assert converted.doubtful
    assert converted.text.startswith("x")
    assert "unseen" not in converted.text


@pytest.mark.parametrize("name", DEEP)
async def test_a_sheet_too_deep_to_be_read_makes_the_whole_doubtful(name: str) -> None:
    converted = await convert(DEEP[name] + "<p>seen</p><p style='display:none'>unseen</p>")
    assert (converted.text, converted.doubtful) == ("seen", True)


def test_a_value_too_deep_to_be_read_marks_its_text() -> None:
    css = "height:" + "calc(" * 50 + "0px" + ")" * 50 + ";overflow:hidden"
    assert html_to_text(f'<div style="{css}">perhaps</div>').text == "[may be hidden: perhaps]"


def test_hidden_parts_of_a_document_too_deep_to_parse_are_dropped_and_the_whole_is_marked() -> None:
    hidden = (
        '<style>.x{display:none}</style><p class=x>one</p><p style="opacity:0">two</p><font color=white>three</font>'
    )
    converted = html_to_text(f"<p>seen</p>{hidden}<p hidden>four</p>" + "<div>" * 1_501)
    assert (converted.text, converted.flat) == ("seen", True)


def test_a_variable_that_doubles_itself_ends() -> None:
    doubling = ";".join(f"--a{n}:var(--a{n - 1}) var(--a{n - 1})" for n in range(1, 60))
    assert html_to_text(f'<p style="--a0:1;{doubling};color:var(--a59)">seen</p>').text == "seen"
