"""`outlook-mcp demo` in all its forms."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Literal
from uuid import UUID

import pytest
from mcp import Client, StdioServerParameters

from outlook_mcp.cli.tour import DemoUser, stdio_client, take_tour
from tests.answers import text_of
from tests.cli.commands import DEADLINE_S, PROGRAM, ROOT, SandboxProcess, Terminal, environment
from tests.effort import usually

STEPS = (
    "Tools offered",
    "The latest mail",
    "A search",
    "A conversation",
    "A reply as a draft",
    "Now it is sent",
    "It was delivered; bob@contoso.example reads it",
    "alice@contoso.example asks for a message of bob@contoso.example",
)
LETTER = (
    "From sender@contoso.example Mon Mar  2 10:00:00 2026\n"
    "From: Sam Sender <sender@contoso.example>\nTo: alice@contoso.example\nSubject: {subject}\n"
    "Message-ID: <{number}@contoso.example>\nDate: Mon, 2 Mar 2026 1{number}:00:00 +0000\n\nThe letter itself.\n\n"
)
_LINE = re.compile(r"^\S+ \d\d:\d\d", re.MULTILINE)
Era = Literal["auto", "legacy"]


def test_once_over_http_prints_every_step_and_exits_0(tmp_path: Path) -> None:
    outcome = Terminal(tmp_path).run("demo", "--http", "--once")
    assert outcome.status == 0, outcome.printed
    shown = re.findall(r"^=== ([^:\n]+)", outcome.out, re.MULTILINE)
    assert tuple(shown) == STEPS
    assert outcome.out.endswith("\nEvery step worked.\n")
    assert not _left_in(tmp_path)


@pytest.mark.parametrize(
    ("toolsets", "shown"),
    [
        ("mail-read", (*STEPS[:4], STEPS[-1])),
        ("mail-read mail-write", (*STEPS[:5], STEPS[-1])),
        ("contacts-read", STEPS[:1]),
    ],
)
def test_the_tour_shows_the_steps_whose_tools_are_offered_and_which_variables_have_no_effect(
    tmp_path: Path, toolsets: str, shown: tuple[str, ...]
) -> None:
    outcome = Terminal(tmp_path).run("demo", "--once", "--toolsets", toolsets, read_only="true")
    assert outcome.status == 0, outcome.printed
    assert tuple(re.findall(r"^=== ([^:\n]+)", outcome.out, re.MULTILINE)) == shown
    assert "no effect here: OUTLOOK_MCP_READ_ONLY. Its tools are chosen by --toolsets." in outcome.err


def test_once_with_a_mailbox_of_ones_own(tmp_path: Path) -> None:
    mbox = tmp_path / "mine.mbox"
    subjects = ("Quarterly budget", "Lunch tomorrow", "Re: Lunch tomorrow")
    mbox.write_text("".join(LETTER.format(subject=subject, number=n) for n, subject in enumerate(subjects)))
    outcome = Terminal(tmp_path).run("demo", "--once", "--import", str(mbox))
    assert outcome.status == 0, outcome.printed
    assert "Imported 3 messages for alice@contoso.example." in outcome.err
    assert all(subject in outcome.out for subject in subjects)
    assert "=== A search: mail_search(text='Quarterly', folder='all'" in outcome.out
    assert outcome.out.endswith("\nEvery step worked.\n")


def test_an_import_without_any_mail_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.eml").write_bytes(b"\x00\x01\x02")
    outcome = Terminal(tmp_path).run("demo", "--once", "--import", str(tmp_path / "bad.eml"))
    assert outcome.status == 2
    assert "not read: bad.eml" in outcome.err
    assert "bad.eml' holds no message that can be read." in outcome.err.splitlines()[-1]


async def test_a_tour_that_fails_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = {"client_id": str(UUID(int=1)), "graph_url": "http://127.0.0.1:1/v1.0", "authority": "http://127.0.0.1:1"}
    guest = DemoUser("alice@contoso.example", partial(stdio_client, {**nowhere, "data_dir": str(tmp_path)}))
    assert not await take_tour(guest, guest, "AAMk")
    outcome = capsys.readouterr().out.splitlines()[-1]
    assert outcome.startswith("The tour stopped. mail_search failed:")


def test_a_taken_port_is_refused_in_one_line(sandbox: SandboxProcess, tmp_path: Path) -> None:
    outcome = Terminal(tmp_path).run("demo", "--once", "--port", sandbox.origin.rpartition(":")[2])
    assert outcome.status == 2
    port = sandbox.origin.rpartition(":")[2]
    told = f"The sandbox cannot start, port {port}: Address already in use. Choose another with --port."
    assert outcome.err == f"outlook-mcp: {told}\n"


def test_an_import_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    outcome = Terminal(tmp_path).run("demo", "--import", str(tmp_path / "none"))
    assert outcome.status == 2
    assert "--import: read" in outcome.err


async def test_it_shows_every_step_and_lines_that_launch_a_server_after_it_has_ended(tmp_path: Path) -> None:
    outcome = Terminal(tmp_path).run("demo")
    assert outcome.status == 0, outcome.printed
    assert tuple(re.findall(r"^=== ([^:\n]+)", outcome.out, re.MULTILINE)) == STEPS
    assert "\nEvery step worked.\n" in outcome.out
    assert "authorize?" not in outcome.printed
    for client in ("Inspector:", "Claude Code:", "VS Code:"):
        assert client in outcome.out
    line = re.search(r"^ +\S.*: (\{\"mcpServers\".*\})$", outcome.out, re.MULTILINE)
    assert line
    launch = json.loads(line[1])["mcpServers"]["outlook-demo"]
    assert not _left_in(tmp_path)
    parameters = StdioServerParameters(command=launch["command"], args=launch["args"], env=environment(tmp_path))
    async with Client(parameters, read_timeout_seconds=DEADLINE_S) as mine:
        listed = await mine.call_tool("mail_search", {"limit": 3})
        assert not listed.is_error, text_of(listed)
        assert len(_LINE.findall(text_of(listed))) == 3


# The other test that launches a server does so in the newer era.
@pytest.mark.parametrize("era", ["legacy", "auto"][: usually(1, thoroughly=2)])
async def test_over_stdio_in_both_eras(tmp_path: Path, era: Era) -> None:
    parameters = StdioServerParameters(
        command=PROGRAM[0], args=[*PROGRAM[1:], "demo", "--stdio"], env=environment(tmp_path), cwd=ROOT
    )
    async with Client(parameters, mode=era, read_timeout_seconds=DEADLINE_S) as client:
        assert len((await client.list_tools()).tools) == 9
        listed = await client.call_tool("mail_search", {"limit": 3})
        assert not listed.is_error, text_of(listed)
        assert len(_LINE.findall(text_of(listed))) == 3


def test_standard_output_of_a_stdio_server_is_protocol_only(tmp_path: Path) -> None:
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    with Terminal(tmp_path).start("demo", "--stdio", log_level="debug") as server:
        server.say(json.dumps(hello))
        server.until(r'"id":\s?1\b')
        server.say(json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}))
        call = {"name": "mail_search", "arguments": {}}
        server.say(json.dumps({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call}))
        server.until(r'"id":\s?2\b')
        server.close_input()
        outcome = server.end()
    assert outcome.status == 0, outcome.err
    assert {json.loads(line)["jsonrpc"] for line in outcome.out.splitlines()} == {"2.0"}
    assert "Signed in as alice@contoso.example" in outcome.err
    assert not _left_in(tmp_path)


def _left_in(folder: Path) -> list[Path]:
    return list(folder.glob("outlook-mcp-*"))
