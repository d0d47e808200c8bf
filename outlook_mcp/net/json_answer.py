"""An answer of a server that speaks JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, repr=False)
class JsonAnswer:
    """The HTTP `status` and the JSON object of the `body`, which may contain tokens."""

    status: int
    body: Mapping[str, Any]
