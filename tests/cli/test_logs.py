"""What is logged, and in which form: no requests of libraries, no secrets, and one line for each record."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from outlook_mcp.cli import main
from outlook_mcp.cli.logs import LogFormat, log_to_stderr
from outlook_mcp.net.request_id import request_id_scope


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("name", ["httpx", "httpx2", "httpcore.http11", "httpcore2.http11", "aiohttp.client", "mcp"])
def test_libraries_log_no_requests_at_the_debug_level(name: str) -> None:
    log_to_stderr("debug")
    assert logging.getLogger("outlook_mcp.graph").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger(name).isEnabledFor(logging.DEBUG)


def test_a_json_line_has_time_level_logger_message_and_the_id_of_its_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log_to_stderr("info", "json")
    with request_id_scope("0d3a6f5e-1111-4222-8333-444455556666"):
        logging.getLogger("outlook_mcp.web").warning("It took %d s.\nforged line", 3)
    logging.getLogger("outlook_mcp.web").info("refresh_token=hush")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert first["time"].endswith("+00:00")
    assert first | {"time": ""} == {
        "time": "",
        "level": "warning",
        "logger": "outlook_mcp.web",
        "message": "It took 3 s.\nforged line",
        "request_id": "0d3a6f5e-1111-4222-8333-444455556666",
    }
    assert second["message"] == "refresh_token=[redacted]"
    assert "request_id" not in second


def test_an_exception_is_a_field_of_its_json_line_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("info", "json")
    try:
        raise ValueError("code=hush")
    except ValueError:
        logging.getLogger("outlook_mcp.web").exception("It failed.")
    (line,) = map(json.loads, capsys.readouterr().err.splitlines())
    assert "ValueError: code=[redacted]" in line["exception"]


@pytest.mark.parametrize("arguments", ["--port none", "--public-url http://mail.example.com"])
def test_why_a_start_failed_is_a_line_of_the_json_log(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: str
) -> None:
    command = ["serve", "--http", *arguments.split(), "--data-dir", str(tmp_path), "--log-format", "json"]
    assert main(command) == 2
    (line,) = map(json.loads, capsys.readouterr().err.splitlines())
    assert line["level"] == "error"
    assert "expected" in line["message"]


def test_the_format_of_the_log_is_known_though_the_file_of_settings_is_wrong(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text('log_format = "json"\nport = "none"\n')
    monkeypatch.setenv("OUTLOOK_MCP_CONFIG", str(tmp_path / "config.toml"))
    assert main(["serve", "--http", "--data-dir", str(tmp_path)]) == 2
    assert "port" in json.loads(capsys.readouterr().err)["message"]


def test_a_text_line_names_its_request_and_a_name_from_outside_cannot_forge_another_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log_to_stderr("warning")
    with request_id_scope("0d3a6f5e-1111-4222-8333-444455556666"):
        logging.getLogger("outlook_mcp.web").warning("Client: %s", "x\n2026-11-29 WARNING forged")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("x\\n2026-11-29 WARNING forged [request 0d3a6f5e-1111-4222-8333-444455556666]")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_name_from_outside_sends_no_control_sequence_to_the_terminal(
    capsys: pytest.CaptureFixture[str], form: LogFormat
) -> None:
    log_to_stderr("warning", form)
    logging.getLogger("outlook_mcp.web").warning("Client: %s", "\x1b[2J\x9b31m\u202eZoë\x7f")
    written = capsys.readouterr().err
    assert "\\u001b[2J\\u009b31m\\u202eZoë\\u007f" in written
    assert written.removesuffix("\n").isprintable()


def test_a_start_is_told_at_every_level(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("error")
    logging.getLogger("outlook_mcp.start").info("Serving MCP.")
    assert "INFO outlook_mcp.start: Serving MCP." in capsys.readouterr().err


@pytest.mark.parametrize(("name", "level"), [("uvicorn.error", logging.WARNING), ("asyncio", logging.ERROR)])
def test_a_flood_of_bad_requests_or_connections_does_not_flood_the_log(
    capsys: pytest.CaptureFixture[str], name: str, level: int
) -> None:
    log_to_stderr("warning", "json")
    server = logging.getLogger(name)
    fields = {"name": server.name, "levelno": level, "msg": "Invalid HTTP request received."}
    for minute in (0, 60):
        for _ in range(100):
            server.handle(logging.makeLogRecord({**fields, "created": 1_000_000 + minute}))
    logging.getLogger("uvicorn.error").error("Exception in ASGI application")
    logging.getLogger("outlook_mcp.web").warning("A page failed.")
    told = [json.loads(line)["message"] for line in capsys.readouterr().err.splitlines()]
    assert told == [
        *["Invalid HTTP request received."] * 5,
        "Invalid HTTP request received. 95 more such lines were left out.",
        *["Invalid HTTP request received."] * 4,
        "Exception in ASGI application",
        "A page failed.",
    ]
