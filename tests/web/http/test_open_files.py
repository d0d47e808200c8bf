"""Connections of clients leave files for what a server itself opens."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PROGRAM = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, tuple(map(int, sys.argv[1:])))
from outlook_mcp.web.http.open_files import most_connections
print(most_connections(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("limit", "highest", "connections", "raised"),
    [(1024, 8192, 5000, 5500), (1024, 1024, 524, 1024), (300, 300, 150, 300), (6000, 8192, 5000, 6000)],
)
def test_there_are_fewer_connections_than_files_that_may_be_open(
    limit: int, highest: int, connections: int, raised: int
) -> None:
    program = [sys.executable, "-c", _PROGRAM, str(limit), str(highest)]
    told = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    assert told.split() == [str(connections), str(raised)]
