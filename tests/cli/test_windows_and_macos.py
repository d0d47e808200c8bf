"""The command line on a Python that has the name of another system, and none of what that system lacks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.commands import environment
from tests.cli.start.requests import hello

DEADLINE_S = 120


@pytest.mark.skipif(sys.platform != "linux", reason="takes away what Linux has")
@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_commands_load_records_verify_and_a_client_is_answered(tmp_path: Path, platform: str) -> None:
    """On Windows what is locked is a part of the file, from which its reader must not go on."""
    commands = ["keys", "list", "--", "audit", "verify", "--", "audit", "tail", "--", "login", "--", "serve"]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.cli.as_elsewhere", platform, *commands],
        input=hello("2025-11-25") + b"\n",
        capture_output=True,
        env=environment(tmp_path, {"data_dir": str(tmp_path / "data")}),
        timeout=DEADLINE_S,
        check=False,
    )
    out, err = ran.stdout.decode(), ran.stderr.decode()
    # `serve` leaves its standard output to the client.
    statuses = [text for text in (out + err).splitlines() if text.startswith("status")]
    assert statuses == ["status 0"] * 3 + ["status 2"] * 2, err
    assert "the chain is whole" in out
    assert "vault:vault:created" in out
    (answer,) = [json.loads(text) for text in out.splitlines() if text.startswith("{")]
    assert answer["result"]["serverInfo"]["title"] == "Outlook"
    assert "Traceback" not in err
