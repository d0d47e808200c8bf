"""An inbox rule as Graph has it: https://learn.microsoft.com/graph/api/resources/messagerule."""

from __future__ import annotations

from typing import Any

from outlook_mcp.graph.models import WireModel


class Rule(WireModel, frozen=True, kw_only=True):
    """`sequence` is its place among the rules. What `conditions` and `actions` have words for is JSON here."""

    id: str
    display_name: str | None = None
    sequence: int | None = 0
    is_enabled: bool | None = True
    has_error: bool | None = False
    is_read_only: bool | None = False
    conditions: dict[str, Any] | None = None
    exceptions: dict[str, Any] | None = None
    actions: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        return self.display_name or "(no name)"
