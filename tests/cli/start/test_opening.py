"""A client of `serve` gets each answer once, from the snapshot or from the server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from outlook_mcp.cli.start.key import answers_key, cache_folder
from outlook_mcp.cli.start.snapshot import Answers, save_answers
from tests.cli.commands import Running, environment
from tests.cli.start.conftest import CLIENT_ID
from tests.cli.start.requests import ENVELOPE, hello, line

INITIALIZED = (b'{"jsonrpc":"2.0","method":"notifications/initialized"}',)


@pytest.mark.parametrize("is_modern", [False, True])
def test_a_client_that_pipelines_cancels_and_begins_with_garbage_gets_each_answer_once(
    tmp_path: Path, answers: Answers, is_modern: bool
) -> None:
    variables = environment(tmp_path, {"client_id": CLIENT_ID, "data_dir": str(tmp_path / "data")})
    marked = {version: {**kept, "tools/list": '{"tools":["kept"]}'} for version, kept in answers.items()}
    save_answers(cache_folder(variables), answers_key(["serve"], variables), marked)
    meta: dict[str, Any] = {"_meta": ENVELOPE} if is_modern else {}
    cancelled = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}
    written = [
        b"garbage",
        *([line(0, "server/discover", meta)] if is_modern else [hello("2025-11-25"), *INITIALIZED]),
        line(1, "tools/list", meta),
        json.dumps(cancelled).encode(),
        line(2, "tools/call", {"name": "nothing", "arguments": {}, **meta}),
        line(3, "prompts/list", meta),
    ]
    with Running.forked(["serve"], variables) as command:
        command.say(b"\n".join(written).decode())
        command.until(r'"id":2,')
        command.say(line(4, "tools/list", meta).decode())
        command.until(r'"id":4,')
        command.close_input()
        outcome = command.end()
    lines = [json.loads(text) for text in outcome.out.splitlines()]
    told = {answer["id"]: answer["result"] for answer in lines}
    assert sorted(answer["id"] for answer in lines) == [0, 1, 2, 3, 4]
    assert told[1] == {"tools": ["kept"]}
    assert "There is no tool" in told[2]["content"][0]["text"]
    # The server answers, which is there by now.
    assert told[4]["tools"][0]["name"]
    assert outcome.status == 0


def test_where_a_named_tool_of_another_package_is_missing_ours_are_listed_and_a_call_says_why(tmp_path: Path) -> None:
    given = {"client_id": CLIENT_ID, "data_dir": str(tmp_path / "data"), "own_tools": "weather"}
    written = [hello("2025-11-25"), *INITIALIZED, line(1, "tools/list", {})]
    called = line(2, "tools/call", {"name": "mail_folders", "arguments": {}})
    with Running.forked(["serve"], environment(tmp_path, given)) as command:
        command.say(b"\n".join([*written, called]).decode())
        command.until(r'"id":2,')
        command.close_input()
        outcome = command.end()
    told = {answer["id"]: answer["result"] for answer in map(json.loads, outcome.out.splitlines())}
    assert "mail_search" in {tool["name"] for tool in told[1]["tools"]}
    assert "no entry point of the group outlook_mcp.tools is called 'weather'" in told[2]["content"][0]["text"]
