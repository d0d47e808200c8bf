"""A process that writes the tokens of a vault again and again, to be killed at any moment.

Argument: the data folder.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.token_record import KIND, token_key
from tests.vaults import vault_in


async def main(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "vault.db")) as database:
        tid, oid, connection = database.execute("SELECT tid, oid, id FROM record WHERE kind = ?", (KIND,)).fetchone()
    vault = vault_in(folder)
    await vault.open_or_create()
    key = token_key(UserKey(tid, oid), connection)
    opened = await vault.get_record(key)
    assert opened is not None
    generation = opened.generation
    while True:
        generation = await vault.put_record(key, opened.value, expected_generation=generation)
        print(f"written {generation}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
