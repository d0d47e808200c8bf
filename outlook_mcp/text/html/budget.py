"""How much work one conversion may do."""

from __future__ import annotations

from typing import NamedTuple


class Budget(NamedTuple):
    """`steps` of matching, at about 25 million a second; `boxes` of elements that look different; `nodes` of the tree.

    A conversion that needs more gives what it has and says so.
    """

    steps: int = 12_000_000
    boxes: int = 3_000
    nodes: int = 60_000
