from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretBytes

from outlook_mcp.audit.log import AuditLog

KEY = SecretBytes(b"k" * 32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "audit.jsonl"


@pytest.fixture
def log(path: Path) -> AuditLog:
    return AuditLog(path, KEY)
