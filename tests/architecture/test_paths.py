"""The two paths in .github/ARCHITECTURE.md are those of the code."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from tests.architecture.picture import DOCUMENT
from tests.architecture.source import ROOT, imported_by_module

_ITEM = re.compile(r"^\d+\. `(outlook_mcp/[\w/]+\.py)`(?: \(handed by `(outlook_mcp/[\w/]+\.py)`\))?", re.MULTILINE)


def paths() -> dict[str, list[tuple[str, str]]]:
    """For each path its files in order, each with the file that hands it to the one before, which may be empty."""
    text = DOCUMENT.read_text("utf-8").partition("<!-- paths -->")[2].partition("<!-- /paths -->")[0]
    _, *sections = re.split(r"^### (.+)$", text, flags=re.MULTILINE)
    return {title: _ITEM.findall(body) for title, body in zip(sections[::2], sections[1::2], strict=True)}


def module_of(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports(file: str, other: str) -> bool:
    """Directly, or from the file of its room for lazy imports."""
    target = module_of(other)
    found = imported_by_module()[module_of(file)]
    return target in found or any(target in imported_by_module()[name] for name in found if name.endswith(".lazy"))


PATHS = paths()


def test_both_paths_are_told() -> None:
    assert len(PATHS) == 2
    assert all(len(files) >= 5 for files in PATHS.values())


@pytest.mark.parametrize("title", PATHS)
def test_every_file_of_a_path_exists_and_comes_once(title: str) -> None:
    files = [file for file, _ in PATHS[title]]
    assert [file for file in files if not (ROOT / file).is_file()] == []
    assert len(files) == len(set(files))


@pytest.mark.parametrize("title", PATHS)
def test_every_file_imports_the_next_or_is_handed_it(title: str) -> None:
    for (file, _), (following, handed_by) in pairwise(PATHS[title]):
        if handed_by:
            assert imports(handed_by, file), (handed_by, file)
            assert imports(handed_by, following), (handed_by, following)
        else:
            assert imports(file, following), (file, following)
