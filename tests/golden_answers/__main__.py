"""`python -m tests.golden_answers` writes the answers to failures as they are now."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from tests.faults.office import open_office
from tests.golden_answers.collecting import RECORDED, as_text, collected


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_office(Path(folder)) as office:
            RECORDED.write_text(as_text(await collected(office)))


if __name__ == "__main__":
    asyncio.run(main())
