"""The words among which an argument of a tool lets callers choose.

They stand apart from what they choose, so that a list of tools is made without loading all of it.
"""

from __future__ import annotations

from typing import Literal

ReadView = Literal["new", "full", "links", "headers", "original"]
Importance = Literal["low", "normal", "high"]
FlagName = Literal["none", "flagged", "done"]
DraftKind = Literal["new", "reply", "reply_all", "forward"]
FolderAction = Literal["create", "rename", "move", "delete", "empty"]
RuleAction = Literal["list", "save", "delete"]
