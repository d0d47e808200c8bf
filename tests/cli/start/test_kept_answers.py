"""Under which key answers are kept, where, and that nothing else is believed."""

from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path
from typing import get_args

import pytest
from platformdirs import user_cache_path, user_config_path
from pydantic import SecretStr

from outlook_mcp.cli.start.key import SECRETS, answers_key, cache_folder, config_file
from outlook_mcp.cli.start.snapshot import MODERN, Answers, load_answers, save_answers
from outlook_mcp.config import Configuration
from outlook_mcp.config.reading import config_file as file_of_settings
from tests.waiting import PATIENCE_S

KEY = "a" * 64
KEPT: Answers = {MODERN: {"tools/list": '{"tools":[]}'}}


def test_answers_are_read_under_their_key_only(tmp_path: Path) -> None:
    folder = str(tmp_path / "cache")
    assert load_answers(folder, KEY) is None
    save_answers(folder, KEY, KEPT)
    assert load_answers(folder, KEY) == KEPT
    assert load_answers(folder, KEY[:32] + "b" * 32) is None


def test_a_file_that_is_broken_or_that_others_may_write_is_not_believed(tmp_path: Path) -> None:
    folder = str(tmp_path / "cache")
    save_answers(folder, KEY, KEPT)
    (file,) = Path(folder).iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    for content in ("", "[]", "{}", '{"key": 1}'):
        file.write_text(content)
        assert load_answers(folder, KEY) is None
    save_answers(folder, KEY, KEPT)
    file.chmod(0o666)
    assert load_answers(folder, KEY) is None
    file.chmod(0o600)
    file.rename(tmp_path / "moved")
    file.symlink_to(tmp_path / "moved")
    assert load_answers(folder, KEY) is None


@pytest.mark.parametrize(
    "answers",
    ["[]", '"tools"', '{"2026-07-28": []}', '{"2026-07-28": {"tools/list": {"tools": []}}}', "[" * 100_000, "null"],
)
def test_kept_answers_of_another_shape_are_not_believed(tmp_path: Path, answers: str) -> None:
    """The thread that reads requests would end at the first one, and with it the server."""
    folder = str(tmp_path)
    save_answers(folder, KEY, KEPT)
    (file,) = tmp_path.iterdir()
    file.write_text(f'{{"key": "{KEY}", "answers": {answers}}}')
    assert load_answers(folder, KEY) is None


def test_a_pipe_in_the_place_of_kept_answers_holds_up_no_start(tmp_path: Path) -> None:
    """Opening it would wait for a writer."""
    os.mkfifo(tmp_path / f"answers-{KEY[:32]}.json")
    found: list[Answers | None] = []
    loading = threading.Thread(target=lambda: found.append(load_answers(str(tmp_path), KEY)), daemon=True)
    loading.start()
    loading.join(PATIENCE_S)
    assert found == [None]


def test_answers_that_no_room_is_left_for_leave_no_part_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(json, "dump", full)
    save_answers(str(tmp_path), KEY, KEPT)
    assert list(tmp_path.iterdir()) == []


def test_the_answers_of_few_configurations_are_kept(tmp_path: Path) -> None:
    for number in range(12):
        save_answers(str(tmp_path), f"{number:032}{number:032}", {})
    assert len(list(tmp_path.iterdir())) == 8


def test_the_key_changes_with_arguments_variables_and_the_file_and_with_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    variables = {"OUTLOOK_MCP_CONFIG": str(file), "PATH": "/bin"}
    key = answers_key(["serve"], variables)
    assert answers_key(["serve"], {**variables, "PATH": "/usr/bin", "OUTLOOK_MCP_MASTER_KEY": "secret"}) == key
    file.write_text("read_only = true")
    others = {
        answers_key(["serve"], variables),
        answers_key(["serve", "--read-only"], variables),
        answers_key(["serve"], {**variables, "OUTLOOK_MCP_TOOLSETS": "mail-read"}),
    }
    assert len(others - {key}) == 3


def test_no_secret_setting_is_part_of_the_key() -> None:
    secrets = {
        name.upper()
        for name, setting in Configuration.model_fields.items()
        if SecretStr in (setting.annotation, *get_args(setting.annotation)) or not setting.repr
    }
    assert secrets <= SECRETS


def test_files_are_where_the_rest_of_the_program_has_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for given in ({}, {"XDG_CONFIG_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}):
        for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            monkeypatch.delenv(name, raising=False)
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        assert config_file(os.environ) == str(user_config_path("outlook-mcp", appauthor=False) / "config.toml")
        assert cache_folder(os.environ) == str(user_cache_path("outlook-mcp", appauthor=False))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine.toml").touch()
    monkeypatch.setenv("OUTLOOK_MCP_CONFIG", "~/mine.toml")
    assert config_file(os.environ) == str(file_of_settings()) == str(tmp_path / "mine.toml")
