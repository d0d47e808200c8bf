"""A large file of an allowed folder through the tool: told as it arrives, in both eras of the protocol."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlook_mcp.graph.upload import RANGE_BYTES
from tests.answers import text_of
from tests.e2e.office import MODES, Office, draft_of

SIZE = 5 * 2**20


@pytest.mark.parametrize("mode", MODES)
async def test_a_client_hears_how_far_an_upload_is_and_sees_the_file(office: Office, tmp_path: Path, mode: str) -> None:
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    (allowed / "scan.bin").write_bytes(bytes(SIZE))
    heard: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    async with office.client(office.alice, mode=mode, file_folders=str(allowed)) as client:
        given = {"subject": "Scan", "attach": [str(allowed / "scan.bin"), {"name": "notes.txt", "content": "Tea"}]}
        answer = await client.call_tool("draft_save", given, progress_callback=hear)
        text = text_of(answer)
        assert "scan.bin (application/octet-stream, 5.2 MB); notes.txt (text/plain, 3 B)" in text, text
        stored = office.mailbox(office.alice).attachments.of(office.stored(office.alice, draft_of(text)))
        assert [file.size for file in stored] == [SIZE, 3]
        refused = await client.call_tool("draft_save", {"attach": [str(tmp_path / "config.toml")]})
        assert "no such file in the folders" in text_of(refused)
    assert [(arrived, size) for arrived, size, _ in heard] == [(RANGE_BYTES, SIZE), (SIZE, SIZE)]
    assert heard[-1][2] == "Uploading scan.bin: 5 of 5 MB"
