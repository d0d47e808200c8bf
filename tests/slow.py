"""Tests that take seconds each, by file or folder: marked slow, and left out by `python -m tests --quick`.

To find more of them: `pytest --durations=40`.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
SLOW = (
    "tests/cli/test_demo.py",
    "tests/cli/test_inspector.py",
    "tests/cli/test_killed.py",
    "tests/conformance",
    "tests/e2e/test_spamassassin.py",
    "tests/oauth/test_kill_during_refresh.py",
    "tests/oauth/test_refresh_storm.py",
    "tests/readme/test_demo.py",
    "tests/replicas",
    "tests/sandbox/importer/test_real_mail.py",
    "tests/sandbox/mime/test_real_mail.py",
    "tests/text/test_real_mail.py",
    "tests/vault/test_redis_topologies.py",
    "tests/web/pages/test_in_a_browser.py",
    "tests/web/site/test_inspector.py",
)


def is_slow(file: Path) -> bool:
    return any(file.is_relative_to(ROOT / path) for path in SLOW)
