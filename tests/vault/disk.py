"""The file of a vault in the hands of somebody else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def disk(vault_file: Path) -> Iterator[sqlite3.Connection]:
    """What somebody with write access to the file can do."""
    connection = sqlite3.connect(vault_file, isolation_level=None)
    yield connection
    connection.close()
