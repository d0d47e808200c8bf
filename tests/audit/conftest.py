from __future__ import annotations

from pathlib import Path

import pytest

from outlook_mcp.audit.files import OlderFile, older_files
from outlook_mcp.audit.writer import LogWriter
from tests.audit.rotating import write
from tests.audit_logs import AUDIT_KEY


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "audit.jsonl"


@pytest.fixture
def log(path: Path) -> LogWriter:
    return LogWriter(path, AUDIT_KEY)


@pytest.fixture
def rotated(path: Path) -> list[OlderFile]:
    write(path, 40)
    older = older_files(path)
    assert len(older) >= 4
    return older
