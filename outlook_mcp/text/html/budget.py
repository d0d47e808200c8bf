"""How much work one conversion may do."""

from __future__ import annotations

from typing import NamedTuple


class Budget(NamedTuple):
    """`steps` of matching, at about 25 million a second; `boxes` of elements that look different; `nodes` of the tree.

    With `is_strict` a conversion that needs more raises BudgetExceeded; else it gives what it has and says so.
    """

    steps: int = 12_000_000
    boxes: int = 3_000
    nodes: int = 80_000
    is_strict: bool = False


# In the process of the server other callers wait meanwhile, so no more than some hundredths of a second.
SMALL = Budget(steps=300_000, boxes=400, nodes=4_000, is_strict=True)


class BudgetExceeded(Exception):
    """A conversion needs more than it may do here."""
