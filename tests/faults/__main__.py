"""`python -m tests.faults [operation or fault]...`: every operation with every fault.

Exit status 1 when an answer is untrue.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.office import open_office
from tests.faults.table import ALL_CELLS, untrue_answers


async def main(words: list[str]) -> int:
    cells = [cell for cell in ALL_CELLS if all(any(word in name for name in cell) for word in words)]
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        async with open_office(Path(folder)) as office:
            begun = time.process_time()
            async for line in untrue_answers(office, cells):
                wrong += 1
                print(line, flush=True)
    print(f"{len(cells)} cells, {wrong} objections, {time.process_time() - begun:.1f} s of CPU time")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
