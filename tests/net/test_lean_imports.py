"""What is left out at import, or put off until it is used."""

from __future__ import annotations

import builtins
import importlib
import ssl
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from outlook_mcp.net.lean_imports import (
    import_lazy_modules,
    lazy_imports,
    models_built_on_use,
    run_on_use,
    without_modules,
    without_system_certificates,
)


def test_a_model_defined_inside_is_built_when_it_is_first_used() -> None:
    with models_built_on_use():

        class Point(BaseModel):
            x: int

    assert not Point.__pydantic_complete__
    assert Point(x=1).x == 1
    with pytest.raises(ValidationError):
        Point.model_validate({"x": "no number"})
    assert Point.__pydantic_complete__


def test_a_model_defined_later_or_with_its_own_word_is_built_at_once() -> None:
    with models_built_on_use():

        class Decided(BaseModel):
            model_config = ConfigDict(defer_build=False)

    class Later(BaseModel):
        x: int

    assert Decided.__pydantic_complete__
    assert Later.__pydantic_complete__


def test_contexts_of_another_thread_read_the_certificates_of_the_system() -> None:
    made: list[ssl.SSLContext] = []
    everything = len(ssl.create_default_context().get_ca_certs())
    with without_system_certificates():
        thread = threading.Thread(target=lambda: made.append(ssl.create_default_context()))
        thread.start()
        thread.join()
        assert ssl.create_default_context().get_ca_certs() == []
    assert len(made[0].get_ca_certs()) == everything == len(ssl.create_default_context().get_ca_certs())


def test_a_library_that_is_left_out_is_there_again_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rarely_needed.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    with without_modules("rarely_needed"), pytest.raises(ImportError):
        importlib.import_module("rarely_needed")
    assert importlib.import_module("rarely_needed")


def _put_off(module: str) -> dict[str, Any]:
    names: dict[str, Any] = {"lazy_imports": lazy_imports}
    exec(f"with lazy_imports():\n    from {module} import Point, double", names)
    return names


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """The name of a module that is not loaded, another one in each test."""
    name = f"late_{request.node.name.partition('[')[0]}"
    (tmp_path / f"{name}.py").write_text(
        "class Point: ...\n\n\ndef double(number, *, plus=0): return 2 * number + plus\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return name


def test_what_is_put_off_is_imported_when_it_is_called(module: str) -> None:
    names = _put_off(module)
    assert module not in sys.modules
    assert names["double"](3, plus=1) == 7
    assert module in sys.modules


def test_where_modules_are_named_only_these_are_put_off(module: str) -> None:
    for only in ("another", module):
        assert module not in sys.modules
        exec(f"with lazy_imports({only!r}):\n    from {module} import double", {"lazy_imports": lazy_imports})
        assert (module in sys.modules) is (only != module)
        sys.modules.pop(module, None)


def test_a_class_that_is_put_off_can_be_tested_for(module: str) -> None:
    point = _put_off(module)["Point"]
    assert isinstance(point(), point)
    assert not isinstance("a text", point)


def test_a_module_that_is_loaded_gives_the_things_themselves(module: str) -> None:
    loaded = importlib.import_module(module)
    assert _put_off(module)["Point"] is loaded.Point


def test_another_thread_imports_as_usual_meanwhile(module: str) -> None:
    with lazy_imports():
        thread = threading.Thread(target=exec, args=(f"from {module} import double\ndouble(1)",))
        thread.start()
        thread.join()
        assert module in sys.modules


def test_imports_are_usual_again_when_the_last_of_several_threads_is_done(module: str) -> None:
    usual, inside, leave = builtins.__import__, threading.Event(), threading.Event()

    def stay_inside() -> None:
        with lazy_imports():
            inside.set()
            leave.wait()

    with lazy_imports():
        thread = threading.Thread(target=stay_inside)
        thread.start()
        inside.wait()
    # Another thread is inside, which is none of this one's business.
    exec(f"from {module} import double")
    assert module in sys.modules
    leave.set()
    thread.join()
    assert builtins.__import__ is usual


def test_what_modules_put_off_in_turn_is_imported_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_off = "from outlook_mcp.net.lean_imports import lazy_imports\nwith lazy_imports():\n    from {} import x\n"
    (tmp_path / "turn_first.py").write_text(put_off.format("turn_second") + "Point = double = x")
    (tmp_path / "turn_second.py").write_text("x = 1")
    monkeypatch.syspath_prepend(tmp_path)
    _put_off("turn_first")
    import_lazy_modules("turn_")
    assert {"turn_first", "turn_second"} <= sys.modules.keys()


def test_the_code_of_a_package_runs_when_something_of_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "heavy"
    package.mkdir()
    (package / "__init__.py").write_text("import heavy.part\nfrom heavy.rest import name")
    (package / "part.py").write_text("number = 1")
    (package / "rest.py").write_text("name = 'rest'")
    monkeypatch.syspath_prepend(tmp_path)
    run_on_use("heavy")
    assert importlib.import_module("heavy.part").number == 1
    assert "heavy.rest" not in sys.modules
    heavy = importlib.import_module("heavy")
    assert heavy.name == "rest"
    assert not hasattr(heavy, "other")
    run_on_use("heavy")
    assert sys.modules["heavy"] is heavy


def test_a_package_that_is_not_installed_is_an_import_error_at_once() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        run_on_use("no_such_package")


def test_what_was_put_off_can_be_imported_before_it_is_called(module: str) -> None:
    _put_off(module)
    import_lazy_modules("late_of_others", module)
    assert module in sys.modules
