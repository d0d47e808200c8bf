"""Which tests are traced for the figures of coverage: tracing nearly doubles the time of a test.

What the others run is in other processes, reads source files, is the sandbox, which is left out of the figures, or is
run by the traced tests too.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from coverage import Coverage

from tests.slow import is_slow

TESTS = Path(__file__).parent
NOT_TRACED = (TESTS / "architecture", TESTS / "sandbox")
# They take a third of the time of the traced tests, and other tests run 99 of 100 branches that they run; see
# `--cov-context=test`.
RUN_BY_OTHERS = (
    "audit/test_rotation.py",
    "audit/test_verify.py",
    "audit/test_writer.py",
    "e2e/test_sending.py",
    "e2e/test_tools.py",
    "e2e/test_uploading.py",
    "graph/test_asking_again.py",
    "graph/test_client.py",
    "mail/test_mime_reader.py",
    "oauth/test_linked_mailboxes.py",
    "oauth/test_shared_vault.py",
    "oauth/test_token_service.py",
    "text/isolated/test_processes.py",
    "text/test_quotes.py",
    "vault/test_envelope.py",
    "vault/test_redis_in_trouble.py",
    "vault/test_sqlite_store.py",
    "vault/test_vault.py",
    "web/authorization/test_access_tokens.py",
    "web/authorization/test_revocation.py",
    "workspace/test_bulk_changes.py",
    "workspace/test_folders.py",
    "workspace/test_lost_changes.py",
    "workspace/test_messages.py",
    "workspace/test_search.py",
    "workspace/test_sending.py",
    "workspace/test_truth_of_answers.py",
)
_LEFT_OUT = (*NOT_TRACED, *(TESTS / file for file in RUN_BY_OTHERS))


@cache
def is_traced(file: Path) -> bool:
    return not is_slow(file) and not any(file.is_relative_to(path) for path in _LEFT_OUT)


class Tracing:
    """The tracing of this process, of which there is none without `--cov`."""

    def __init__(self) -> None:
        self._paused: Coverage | None = None

    def pause(self) -> None:
        if running := Coverage.current():
            running.stop()
            self._paused = running

    def resume(self) -> None:
        if self._paused is not None:
            self._paused.start()
            self._paused = None
