"""Models that are built when they are first used."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from outlook_mcp.server.lean_imports import models_built_on_use


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
