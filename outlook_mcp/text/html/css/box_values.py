"""The declared values of one box, and whether the text in it is seen."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

from outlook_mcp.text.html.css.lengths import Scale, pixels


class Visibility(IntEnum):
    """Whether a text is seen; of two values the larger one holds."""

    SEEN = 0
    DOUBTFUL = 1
    HIDDEN = 2


class BoxValues(NamedTuple):
    """The declared values of one element and what its relative lengths are relative to.

    `in_positioned`: some box around it is what absolute positions inside it count from.
    """

    declared: Mapping[str, str]
    scale: Scale
    display: str
    parent_display: str
    position: str
    in_fixed_table: bool = False
    in_positioned: bool = False

    def value(self, name: str, default: str = "") -> str:
        return self.declared.get(name, default)

    def length(self, name: str) -> float | None:
        value = self.declared.get(name)
        return pixels(value, self.scale) if value else None
