"""Links, paths and commands in the documents lead somewhere."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from outlook_mcp.cli.parser import build_parser
from tests.readme.tables import README

ROOT = README.parent
DOCUMENTS = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / ".github").glob("*.md"))]
OWN = {"ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"}
# Words that a reader would have to guess at; the usual term stands in their place. Meetings and Graph have rooms.
_ROOM = r"(?<!meeting )(?<!graph\.)(?<!roomList/)rooms?"
METAPHORS = re.compile(rf"\b(house|{_ROOM}|doors?|gatekeeper|ways? in|walks?|arrivals?|errands?)\b", re.IGNORECASE)


def anchors(document: Path) -> set[str]:
    """The names that GitHub gives to the headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(document: Path) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8"))


def commands(document: Path) -> Iterator[str]:
    for block in re.findall(r"```sh\n(.*?)```", document.read_text("utf-8"), re.DOTALL):
        for line in block.strip().splitlines():
            yield from line.split(" && ")


COMMANDS = sorted({(document.name, command) for document in DOCUMENTS for command in commands(document)})


def test_the_documents_are_there() -> None:
    assert {document.name for document in DOCUMENTS} >= OWN


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_links_lead_to_files_and_headings(document: Path) -> None:
    for link in links(document):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_files_that_are_named_exist(document: Path) -> None:
    named = re.findall(r"`((?:outlook_mcp|tests|examples)/[^`\s]*)`", document.read_text("utf-8"))
    missing = [path for path in named if "<" not in path and not (ROOT / path).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_settings_that_are_named_exist(document: Path) -> None:
    known = README.read_text("utf-8")
    named = set(re.findall(r"\bOUTLOOK_MCP_[A-Z_]*[A-Z]\b", document.read_text("utf-8")))
    assert [name for name in sorted(named) if f"| `{name}` |" not in known and name != "OUTLOOK_MCP_CONFIG"] == []


@pytest.mark.parametrize(("document", "command"), COMMANDS)
def test_a_command_can_be_run(document: str, command: str) -> None:
    program, *arguments = shlex.split(command)
    match Path(program).name, arguments:
        case "outlook-mcp", _:
            assert callable(build_parser().parse_args(arguments).run)
        case "python", ["-m", module, *options]:
            spec = find_spec(module)
            assert spec is not None
            if spec.submodule_search_locations:
                spec = find_spec(f"{module}.__main__") or spec
            source = Path(spec.origin or "").read_text("utf-8")
            assert all(option in source for option in options if option.startswith("--"))
        case "pytest", [path, *_]:
            assert (ROOT / path).exists()
        case (("pip" | "pipx" | "uv" | "python3" | "docker" | "claude"), _):
            pass
        case _:
            pytest.fail(f"{document}: nobody checks {command}")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_the_words_are_plain(document: Path) -> None:
    assert METAPHORS.findall(document.read_text("utf-8")) == []
