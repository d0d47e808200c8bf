"""The command line on a Python that has the name of Windows, and none of what Windows lacks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.cli.commands import environment
from tests.cli.start.requests import hello, line

DEADLINE_S = 120
INITIALIZED = b'{"jsonrpc": "2.0", "method": "notifications/initialized"}'


def test_commands_load_records_verify_and_a_client_is_answered(tmp_path: Path) -> None:
    """What is locked there is a part of the file, from which its reader must not go on."""
    commands = ["keys", "list", "--", "audit", "verify", "--", "audit", "tail", "--", "login", "--", "serve"]
    asked = b"\n".join((hello("2025-11-25"), INITIALIZED, line(1, "tools/list"), b""))
    ran = subprocess.run(
        [sys.executable, "-m", "tests.cli.as_on_windows", *commands],
        input=asked,
        capture_output=True,
        env=environment(tmp_path, {"data_dir": str(tmp_path / "data")}),
        timeout=DEADLINE_S,
        check=False,
    )
    out, err = ran.stdout.decode(), ran.stderr.decode()
    assert [text for text in out.splitlines() if text.startswith("status")] == ["status 0"] * 3 + ["status 2"] * 2, err
    assert "the chain is whole" in out
    assert "vault:vault:created" in out
    answers = [json.loads(text) for text in out.splitlines() if text.startswith("{")]
    assert "mail_search" in str(answers[-1]["result"]["tools"])
    assert "Traceback" not in err
