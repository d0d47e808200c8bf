"""The command finds its own package, and says so when another project's package stands in its place."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import pytest

from outlook_mcp import __version__
from outlook_mcp.cli.own_package import DISTRIBUTION, is_own, main


def package_in(folder: Path, first_file: bytes | None) -> ModuleSpec:
    """A package `outlook_mcp` in `folder`; None gives it no `__init__.py`."""
    package = folder / "outlook_mcp"
    package.mkdir()
    if first_file is not None:
        (package / "__init__.py").write_bytes(first_file)
    found = PathFinder.find_spec("outlook_mcp", [str(folder)])
    assert found is not None
    return found


def test_this_package_is_the_own_one() -> None:
    assert is_own(find_spec("outlook_mcp"))


@pytest.mark.parametrize("first_file", [b'"""Another project."""\n__version__ = "0.1.0"\n', b"", b"\xff\xfe", None])
def test_a_package_of_the_same_name_is_not_the_own_one(tmp_path: Path, first_file: bytes | None) -> None:
    assert not is_own(package_in(tmp_path, first_file))


def test_the_command_names_the_package_that_hides_its_own_and_runs_nothing_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = package_in(tmp_path, b'raise SystemExit("this must not run")\n')
    assert main(lambda _: other) == 1
    said = capsys.readouterr().err
    assert said.startswith(
        f"outlook-mcp: {tmp_path / 'outlook_mcp' / '__init__.py'} is the package outlook_mcp of another"
    )
    assert "in an environment of its own" in said


def test_the_command_says_when_its_package_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(lambda _: None) == 1
    assert (
        capsys.readouterr().err == f"outlook-mcp: The package outlook_mcp is missing. Install {DISTRIBUTION} again.\n"
    )


def test_the_command_runs_the_command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["outlook-mcp", "--version"])
    with pytest.raises(SystemExit) as left:
        main()
    assert (left.value.code, capsys.readouterr().out) == (0, f"outlook-mcp {__version__}\n")


def test_both_installed_commands_check_the_package_first() -> None:
    scripts = {
        point.name: point.value for point in distribution(DISTRIBUTION).entry_points.select(group="console_scripts")
    }
    assert scripts == dict.fromkeys(("outlook-mcp", DISTRIBUTION), "outlook_mailbox_mcp:main")


def test_the_metadata_of_the_distribution_is_complete() -> None:
    metadata = distribution(DISTRIBUTION).metadata
    assert (metadata["License-Expression"], metadata["Version"]) == ("MIT", __version__)
    assert all(metadata[field] for field in ("Summary", "Author", "Keywords", "Requires-Python", "Description"))
    assert {"Topic :: Communications :: Email", "Typing :: Typed"} <= set(metadata.get_all("Classifier") or ())
    assert all(" https://" in link for link in metadata.get_all("Project-URL") or ())
