"""No message costs more than its process may take, and what a plain style hides is dropped from costly ones, too."""

from __future__ import annotations

import subprocess
import sys

import pytest

from outlook_mcp.text.html import convert
from outlook_mcp.text.html.document import html_to_text
from outlook_mcp.text.isolated.spending import SpendingLimits, begin_call
from tests.effort import usually
from tests.text.bombs import NAMES, bomb

QUICK = ["css nested media", "css variables", "1,501 divs", "nested tables", "templates", "hidden trees"]
# Runs the converter as the server does, and tells which of its parts were loaded in the server's own process.
PROBE = """
import sys, anyio
from outlook_mcp.text.html import convert
assert anyio.run(convert, "<p>seen</p><p hidden>unseen</p>").text == "seen"
print(sorted({"selectolax", "tinycss2", "outlook_mcp.text.html.document"} & set(sys.modules)))
"""


async def check(name: str) -> None:
    begin_call(name)
    converted = await convert(bomb(name))
    assert "unseen" not in converted.text
    assert converted.text.removeprefix("[may be hidden: ").startswith("seen")


@pytest.mark.parametrize("name", QUICK)
async def test_what_is_seen_of_a_bomb_is_told_and_what_is_hidden_is_not(name: str) -> None:
    await check(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name not in QUICK][:: usually(8, thoroughly=1)])
async def test_what_is_seen_of_any_bomb_is_told_and_what_is_hidden_is_not(name: str) -> None:
    await check(name)


def test_rules_about_few_elements_are_kept_where_those_about_all_are_too_many() -> None:
    converted = html_to_text(bomb("css every element"))
    assert "unseen" not in converted.text
    assert converted.doubtful


def test_even_a_small_message_is_read_outside_of_the_servers_process() -> None:
    asked = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "[]"


async def test_a_call_that_has_used_up_its_time_gets_beginnings_and_then_nothing() -> None:
    spending = begin_call("frank", limits=SpendingLimits(call_seconds=1))
    spending.charge(0.9, 0)
    beginning = await convert("<p>seen</p><p hidden>unseen</p>" + "<p>more</p>" * 20_000)
    assert beginning.flat
    assert beginning.text.startswith("seen more")
    assert len(beginning.text) < 60_000
    spending.charge(2, 0)
    assert await convert("<p>another</p>") == type(beginning)("", truncated=True, flat=True)


async def test_what_a_call_asks_for_again_is_converted_once() -> None:
    begin_call("grace")
    assert await convert("<p>seen</p>") is await convert("<p>seen</p>")
    first = await convert("<p>seen</p>")
    begin_call("grace")
    assert await convert("<p>seen</p>") is not first
