"""The picture in .github/ARCHITECTURE.md shows the imports as they are."""

from __future__ import annotations

from tests.architecture.picture import DOCUMENT, direct, imports_of_packages, layers, with_picture


def test_the_picture_is_current() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert with_picture(text) == text, "Run `python -m tests.architecture`."


def test_every_package_has_its_layer() -> None:
    folders = {path.parent.name for path in (DOCUMENT.parents[1] / "outlook_mcp").glob("*/__init__.py")}
    assert folders | {"errors"} == set(layers())


def test_only_arrows_that_follow_from_others_are_left_out() -> None:
    imports = {"a": {"b", "c"}, "b": {"c"}, "c": set[str]()}
    assert direct(imports) == {"a": {"b"}, "b": {"c"}, "c": set()}
    drawn = direct(imports_of_packages())

    def reached(name: str) -> set[str]:
        return drawn[name].union(*(reached(below) for below in drawn[name]))

    assert all(targets <= reached(name) for name, targets in imports_of_packages().items())
