"""What is left out at import, or put off until it is used."""

from __future__ import annotations

import importlib
import ssl
import threading
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from outlook_mcp.net.lean_imports import models_built_on_use, without_modules, without_system_certificates


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
