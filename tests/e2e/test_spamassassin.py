"""Real mail of real people, listed, searched and read whole through the tools."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mcp import Client

from outlook_mcp.sandbox import SandboxOptions
from tests.e2e.office import Office, call, list_all, listed_ids
from tests.effort import usually

MESSAGES = Path(__file__).parents[3] / "shared" / "mail" / "spamassassin"
pytestmark = pytest.mark.skipif(not MESSAGES.is_dir(), reason=f"no real messages at {MESSAGES}")

COUNT = 439
BATCH = 20
_NEXT = re.compile(r"Go on with offset=(\d+)")


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(import_path=MESSAGES, seed=False)


async def test_every_real_message_is_listed_and_found_and_one_in_eight_is_read_in_every_run(office: Office) -> None:
    async with office.client(office.alice) as client:
        ids = await list_all(client, folder="all", limit=100)
        assert len(ids) == len(set(ids)) == COUNT
        for start in range(0, COUNT, BATCH * usually(8, thoroughly=1)):
            batch = ids[start : start + BATCH]
            read = await whole(client, batch)
            assert [message_id for message_id in batch if f"[{message_id}] " not in read] == []
            assert "Traceback" not in read
        await threads(client, ids)
        for word in ("linux", "perl", "money", "razor", "free"):
            found = await call(client, "mail_search", text=word, folder="all", limit=100)
            assert listed_ids(found), word
            assert set(listed_ids(found)) <= set(ids)
    assert {record.status for record in office.sandbox.log.records if record.path.startswith("/v1.0")} == {200}


async def threads(client: Client, ids: list[str]) -> None:
    """A conversation holds the message that was asked for."""
    for message_id in ids[:: usually(160, thoroughly=40)]:
        assert f"[{message_id}] " in await whole(client, [message_id], thread=True)


async def whole(client: Client, ids: list[str], *, thread: bool = False) -> str:
    """The text of these messages, part after part."""
    parts = [await call(client, "mail_read", ids=ids, thread=thread)]
    while following := _NEXT.search(parts[-1]):
        parts.append(await call(client, "mail_read", ids=ids, thread=thread, offset=int(following[1])))
    return "\n".join(parts)
