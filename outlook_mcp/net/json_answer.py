"""Answers of a server that speaks JSON, and of its pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, repr=False)
class JsonAnswer:
    """The HTTP `status` and the JSON object of the `body`, which may contain tokens."""

    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class PageAnswer:
    """The HTTP `status` of a page, the start of its text, `location` of a redirect and `date`, each "" without one."""

    status: int
    location: str
    text: str
    date: str = ""
