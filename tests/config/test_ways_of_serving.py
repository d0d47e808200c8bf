"""Settings that one way of serving does not use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from outlook_mcp.cli.settings_flags import PROFILE_FLAGS
from outlook_mcp.config import Configuration
from outlook_mcp.config.ways_of_serving import OVER_HTTP, OVER_STDIO, without_effect

_HTTP = "only `serve --http` uses it, so it has no effect here. Remove it, or serve with --http."
_STDIO = "only serving over stdio uses it, so it has no effect here. Remove it, or serve without --http."


@pytest.fixture(autouse=True)
def configuration_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('token_minutes = 20\nprofile = "home"\n')
    monkeypatch.setenv("OUTLOOK_MCP_CONFIG", str(path))
    monkeypatch.setenv("OUTLOOK_MCP_METRICS_TOKEN", "a token of enough letters")
    return path


@pytest.mark.parametrize(
    ("over_http", "expected"),
    [
        (
            False,
            [f"--port: {_HTTP}", f"token_minutes in PATH: {_HTTP}", f"OUTLOOK_MCP_METRICS_TOKEN: {_HTTP}"],
        ),
        (True, [f"profile in PATH: {_STDIO}"]),
    ],
)
def test_a_setting_without_effect_is_told_with_its_place_and_no_value(
    configuration_file: Path, over_http: bool, expected: list[str]
) -> None:
    flags: dict[str, Any] = {"port": "9000", "tenant": "common"}
    told = without_effect(Configuration.load(flags), flags, over_http=over_http)
    assert list(told) == [line.replace("PATH", str(configuration_file)) for line in expected]


def test_each_name_is_a_setting_and_commands_of_a_profile_have_no_flag_that_they_would_ignore() -> None:
    assert {*OVER_HTTP, *OVER_STDIO} <= Configuration.model_fields.keys()
    flags = {flag.name for flag in PROFILE_FLAGS}
    assert "--profile" in flags
    assert not flags & {f"--{name.replace('_', '-')}" for name in OVER_HTTP}
