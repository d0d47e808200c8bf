"""The error tree is drawn whole, and each error says what to do in words that fit whoever reads them."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretBytes

from outlook_mcp import errors
from outlook_mcp.answers.errors import error_text
from outlook_mcp.answers.remedies import Audience, explanation, next_step
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.audit.writer import Entry, LogWriter
from outlook_mcp.errors import (
    ConfigurationError,
    InvalidInput,
    OutlookError,
    Remedy,
    SignInRequired,
    StoreUnavailable,
)
from outlook_mcp.oauth.entra.client_assertion import read_credential_file
from outlook_mcp.vault.key_sources import FileKeySource
from outlook_mcp.vault.sqlite_store import SqliteStore
from tests.architecture.source import nodes, parsed, python_files

_DRAWN = re.compile(r"^(?P<indent> *)[*-] (?P<name>\w+)(?P<told>.*)$", re.MULTILINE)


def drawn() -> list[tuple[int, str, bool]]:
    """Depth, name and whether it is drawn as retryable."""
    return [
        (len(line["indent"]) // 2, line["name"], line["told"].endswith("(retryable)"))
        for line in _DRAWN.finditer(errors.__doc__ or "")
    ]


def defined(kind: type[OutlookError] = OutlookError, depth: int = 0) -> Iterator[tuple[int, str, bool]]:
    yield depth, kind.__name__, kind.retryable
    below = [subclass for subclass in kind.__subclasses__() if subclass.__module__ == errors.__name__]
    for subclass in sorted(below, key=lambda subclass: inspect.getsourcelines(subclass)[1]):
        yield from defined(subclass, depth + 1)


def test_the_drawing_shows_every_error_where_it_is() -> None:
    assert drawn() == list(defined())


def test_no_error_is_defined_elsewhere() -> None:
    names = "|".join(name for _, name, _ in defined())
    definition = re.compile(rf"class \w+\([^)]*\b({names})\b")
    package = Path(errors.__file__).parents[1]
    elsewhere = [file for file in package.rglob("*.py") if file != Path(errors.__file__)]
    assert definition.search(Path(errors.__file__).read_text("utf-8"))
    assert [str(file) for file in elsewhere if definition.search(file.read_text("utf-8"))] == []


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("remedy", Remedy)
def test_every_remedy_has_words_for_every_audience_or_none_for_all(remedy: Remedy, audience: Audience) -> None:
    told = next_step(OutlookError("It broke.", remedy=remedy), audience)
    silent = {Remedy.NONE, Remedy.CORRECT_ARGUMENT, Remedy.CORRECT_SETTING}
    assert bool(told) or remedy in silent
    assert not told or told.endswith(".")
    if audience in (Audience.REMOTE_CLIENT, Audience.WEB_PAGE):
        assert "outlook-mcp" not in told
        assert "`" not in told


def test_the_user_of_this_machine_is_told_the_command_and_nobody_else_is() -> None:
    error = SignInRequired("Nobody is signed in.")
    told = {audience: "outlook-mcp login" in next_step(error, audience) for audience in Audience}
    assert told == {
        Audience.LOCAL_CLIENT: True,
        Audience.REMOTE_CLIENT: False,
        Audience.WEB_PAGE: False,
        Audience.COMMAND_LINE: True,
    }


def test_a_specific_step_stands_in_place_of_the_remedys_words() -> None:
    error = InvalidInput("The folder has no name.", next_step="Give a name such as inbox.")
    assert {next_step(error, audience) for audience in Audience} == {"Give a name such as inbox."}


@pytest.mark.parametrize(
    "error",
    [
        StoreUnavailable("The disk of the vault is full.", next_step="Make room, then try again."),
        ConfigurationError("The certificate is not trusted.", next_step="Set OUTLOOK_MCP_CA_FILE."),
    ],
)
def test_what_only_the_operator_can_do_is_told_to_a_remote_user_as_such(error: OutlookError) -> None:
    assert next_step(error, Audience.COMMAND_LINE) == error.next_step
    assert "administrator of this server" in next_step(error, Audience.WEB_PAGE)
    assert error_text(error, Audience.LOCAL_CLIENT).endswith(error.next_step)
    assert "administrator of this server" in error_text(error, Audience.REMOTE_CLIENT)


async def unusable_vault(folder: Path) -> None:
    """A folder stands where the file of the vault should be."""
    await SqliteStore(folder).users()


async def shared_key_file(folder: Path) -> None:
    file = folder / "vault.key"
    file.touch()
    file.chmod(0o644)
    FileKeySource(file).load_keys()


async def unwritable_audit_log(folder: Path) -> None:
    LogWriter(folder, SecretBytes(b"k" * 32)).append_entry(Entry(AuditTag.TOOL_CALLED))


async def missing_certificate(folder: Path) -> None:
    read_credential_file(folder / "app.pem")


@pytest.mark.parametrize("fail", [unusable_vault, shared_key_file, unwritable_audit_log, missing_certificate])
async def test_only_readers_on_the_servers_machine_are_told_its_files(
    tmp_path: Path, fail: Callable[[Path], Awaitable[None]]
) -> None:
    with pytest.raises(OutlookError) as failure:
        await fail(tmp_path)
    for audience in (Audience.LOCAL_CLIENT, Audience.COMMAND_LINE):
        assert str(tmp_path) in explanation(failure.value, audience)
        assert str(tmp_path) in error_text(failure.value, audience)
    for audience in (Audience.REMOTE_CLIENT, Audience.WEB_PAGE):
        for told in (explanation(failure.value, audience), error_text(failure.value, audience)):
            assert "/" not in told
            assert "administrator of this server" in told


def test_no_next_step_repeats_the_words_of_a_remedy() -> None:
    words = {next_step(OutlookError("", remedy=remedy), audience) for remedy in Remedy for audience in Audience}
    given = [
        (path.name, ast.literal_eval(keyword.value))
        for path in python_files("outlook_mcp")
        if "next_step=" in path.read_text("utf-8")
        for node in nodes(parsed(path), ast.Call)
        for keyword in node.keywords
        if keyword.arg == "next_step" and isinstance(keyword.value, ast.Constant)
    ]
    assert [step for step in given if step[1] in words - {""}] == []
