"""Tests that take seconds each, by file or folder: marked slow, and left out by `python -m tests --quick`.

To find more of them: `pytest --durations=40`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SLOW = (
    "tests/cli",
    "tests/conformance",
    "tests/e2e/test_calls_on_record.py",
    "tests/e2e/test_isolation.py",
    "tests/e2e/test_listening_process.py",
    "tests/e2e/test_spamassassin.py",
    "tests/examples",
    "tests/oauth/test_kill_during_refresh.py",
    "tests/oauth/test_refresh_storm.py",
    "tests/readme/test_demo.py",
    "tests/replicas",
    "tests/sandbox/contacts/test_client_libraries.py",
    "tests/sandbox/calendar/test_client_libraries.py",
    "tests/sandbox/entra/test_o365.py",
    "tests/sandbox/graph/test_large_mailbox.py",
    "tests/sandbox/graph/test_msgraph_sdk.py",
    "tests/sandbox/importer/test_real_mail.py",
    "tests/sandbox/mime/test_real_mail.py",
    "tests/sandbox/mime/test_writer.py",
    "tests/sandbox/peers",
    "tests/sandbox/seed",
    "tests/text/files/test_file_bombs.py",
    "tests/text/hidden",
    "tests/text/test_bombs.py",
    "tests/text/test_html_bombs.py",
    "tests/text/test_real_mail.py",
    "tests/text/words",
    "tests/vault/test_redis_topologies.py",
    "tests/web/issuers_e2e",
    "tests/web/pages/test_in_a_browser.py",
    "tests/web/site",
)


@cache
def is_slow(file: Path) -> bool:
    return any(file.is_relative_to(ROOT / path) for path in SLOW)
