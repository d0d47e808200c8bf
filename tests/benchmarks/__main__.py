"""`python -m tests.benchmarks`: the product against the floor, in one table.

The floor is the smallest server the SDK makes, measured in turn with the product in the same run. Microsoft Graph is
the sandbox in a process of its own. `--only` measures some parts. `--against CHECKOUT` measures this tree and another
checkout of the project in turn instead. Each row is printed as soon as it is measured. Exit status 1 when a figure
misses its bound.
"""

from __future__ import annotations

import asyncio
import sys
import time
from argparse import ArgumentParser
from collections.abc import AsyncIterator
from pathlib import Path

from tests.benchmarks.comparison import COMPARED, compare
from tests.benchmarks.figure import Figure, header
from tests.benchmarks.parts import PARTS, measured


async def print_rows(figures: AsyncIterator[Figure]) -> bool:
    """Whether all figures hold."""
    began, holds = time.perf_counter(), True
    async for figure in figures:
        print(figure.row(), flush=True)
        holds = holds and figure.holds
    print(f"measured in {time.perf_counter() - began:.0f} s")
    return holds


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.benchmarks", description="Measures what the product costs.")
    parser.add_argument("--against", metavar="CHECKOUT", type=Path, help="another checkout to compare this one with")
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="PART",
        help=f"some of {', '.join(PARTS)}; with --against some of {', '.join(COMPARED)}",
    )
    given = parser.parse_args()
    parts = COMPARED if given.against else PARTS
    wanted: list[str] = given.only or list(parts)
    if unknown := set(wanted) - set(parts):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; expected some of {', '.join(parts)}")
    print(header(*(("before", "after") if given.against else ("floor", "product"))), flush=True)
    figures = compare(given.against.resolve(), wanted) if given.against else measured(wanted)
    return 0 if asyncio.run(print_rows(figures)) else 1


if __name__ == "__main__":
    sys.exit(main())
