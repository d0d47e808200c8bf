"""What the program puts on record, and its personal fields: readable while the user has a key, and by nobody after."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from outlook_mcp.audit.file_lock import locked
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.audit.tail import last_records
from outlook_mcp.audit.verify import verify_log
from outlook_mcp.audit.writer import LogWriter
from outlook_mcp.errors import AuditUnavailable, RecordBroken, StoreUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.vault import CredentialVault
from tests.audit_logs import AUDIT_KEY, audit_log
from tests.vaults import vault, vault_in

__all__ = ["vault"]

ALICE = UserKey("contoso", "alice")
BOB = UserKey("contoso", "bob")
PERSONAL: dict[str, str | int | bool] = {"address": "alice@contoso.example", "network": "192.0.2.7"}


@pytest.fixture
def audit(path: Path, vault: CredentialVault) -> AuditLog:
    return AuditLog(LogWriter(path, AUDIT_KEY), vault.personal_fields)


class TestRecording:
    async def test_details_are_plain(self, audit: AuditLog, path: Path) -> None:
        await audit.record(AuditTag.TOOL_CALLED, ALICE, {"tool": "mail_search", "count": 25})
        (record,) = last_records(path, 5)
        assert record["details"] == {"tool": "mail_search", "count": 25}
        assert "sealed" not in record

    @pytest.mark.parametrize("field", ["details", "personal"])
    @pytest.mark.parametrize("value", [b"body", None, 1.5, ["a"], {"a": 1}])
    async def test_other_values_are_refused(self, audit: AuditLog, path: Path, field: str, value: Any) -> None:
        with pytest.raises(TypeError, match="field body is a"):
            await audit.record(AuditTag.TOOL_CALLED, ALICE, **{field: {"body": value}})
        assert last_records(path, 1) == []

    @pytest.mark.parametrize(("field", "most"), [("details", 16), ("personal", 8)])
    async def test_too_many_fields_are_refused(self, audit: AuditLog, field: str, most: int) -> None:
        fields: Any = {str(number): number for number in range(most + 1)}
        with pytest.raises(ValueError, match=f"at most {most} "):
            await audit.record(AuditTag.TOOL_CALLED, ALICE, **{field: fields})

    async def test_a_log_that_another_writer_holds_does_not_hold_up_the_event_loop(self, path: Path) -> None:
        log = audit_log(path)
        await log.record(AuditTag.SIGNED_IN, ALICE)
        with path.open("rb") as file:
            async with anyio.create_task_group() as tasks:
                with locked(file.fileno(), deadline_s=1):
                    tasks.start_soon(log.record, AuditTag.TOOL_CALLED, ALICE)
                    # Enough turns for a thread to have been asked; none of them may wait for the lock.
                    for _ in range(100):
                        await anyio.lowlevel.checkpoint()
                    assert len(last_records(path, 5)) == 1
        assert verify_log(path, AUDIT_KEY).records == 2

    async def test_a_log_that_is_held_too_long_refuses_off_the_event_loop_too(self, path: Path) -> None:
        log = audit_log(path)
        await log.record(AuditTag.SIGNED_IN, ALICE)
        with (
            path.open("rb") as file,
            locked(file.fileno(), deadline_s=1),
            pytest.raises(AuditUnavailable, match="stayed locked"),
        ):
            await log.record(AuditTag.TOOL_CALLED, ALICE)


class TestPersonalFields:
    async def test_they_stand_sealed_in_the_file_and_open_for_whoever_has_the_vault(
        self, audit: AuditLog, path: Path, vault: CredentialVault
    ) -> None:
        await audit.record(AuditTag.TOOL_CALLED, ALICE, {"count": 1}, personal=PERSONAL)
        text = json.dumps(last_records(path, 1))
        assert "contoso.example" not in text
        assert "192.0.2.7" not in text
        (record,) = last_records(path, 1)
        assert record["details"] == {"count": 1}
        assert await audit.open_personal(record) == PERSONAL
        assert verify_log(path, AUDIT_KEY).records == 1

    async def test_another_process_opens_them(self, audit: AuditLog, path: Path, tmp_path: Path) -> None:
        await audit.record(AuditTag.TOOL_CALLED, ALICE, personal=PERSONAL)
        other = vault_in(tmp_path)
        reading = AuditLog(LogWriter(path, AUDIT_KEY), other.personal_fields)
        assert await reading.open_personal(last_records(path, 1)[0]) == PERSONAL
        await other.close()

    async def test_an_erased_user_is_unreadable_for_ever_and_the_chain_is_whole(
        self, audit: AuditLog, path: Path, vault: CredentialVault, tmp_path: Path
    ) -> None:
        await audit.record(AuditTag.TOOL_CALLED, ALICE, personal=PERSONAL)
        await audit.record(AuditTag.TOOL_CALLED, BOB, personal={"address": "bob@contoso.example"})
        await vault.erase_user(ALICE)
        of_alice, of_bob = last_records(path, 2)
        again = vault_in(tmp_path)
        for reading in (audit, AuditLog(LogWriter(path, AUDIT_KEY), again.personal_fields)):
            assert await reading.open_personal(of_alice) is None
            assert await reading.open_personal(of_bob) == {"address": "bob@contoso.example"}
        assert verify_log(path, AUDIT_KEY).records == 2
        await again.personal_fields.sealing_key(ALICE)
        assert await audit.open_personal(of_alice) is None, "a user who came back has another key"
        await again.close()

    async def test_a_record_without_any_has_none(self, audit: AuditLog, path: Path) -> None:
        await audit.record(AuditTag.TOOL_CALLED, ALICE, personal={})
        assert await audit.open_personal(last_records(path, 1)[0]) == {}

    async def test_those_of_nobody_are_refused(self, audit: AuditLog, path: Path) -> None:
        with pytest.raises(ValueError, match="for a user"):
            await audit.record(AuditTag.TOOL_CALLED, None, personal=PERSONAL)
        assert last_records(path, 1) == []

    @pytest.mark.parametrize("change", ["user", "seq", "prev", "sealed"])
    async def test_they_open_in_their_own_record_alone(self, audit: AuditLog, path: Path, change: str) -> None:
        await audit.record(AuditTag.TOOL_CALLED, BOB, personal={"address": "bob@contoso.example"})
        await audit.record(AuditTag.TOOL_CALLED, ALICE, personal=PERSONAL)
        other, record = last_records(path, 2)
        if change == "sealed":
            raw = bytearray(base64.b64decode(str(record["sealed"])))
            raw[-1] ^= 1
            other["sealed"] = base64.b64encode(raw).decode()
        elif change == "seq":
            other["seq"] = 7
        if change == "user":
            # Bob has no key of that id.
            assert await audit.open_personal(record | {"user": str(BOB)}) is None
            return
        with pytest.raises(RecordBroken):
            await audit.open_personal(record | {change: other[change]})

    async def test_what_is_no_sealed_field_is_told(self, audit: AuditLog) -> None:
        for record in ({"sealed": "%"}, {"sealed": "", "user": "a:b", "seq": "one", "prev": ""}):
            with pytest.raises(RecordBroken, match="were altered"):
                await audit.open_personal(record)

    async def test_long_text_is_cut(self, audit: AuditLog, path: Path) -> None:
        await audit.record(AuditTag.TOOL_CALLED, ALICE, personal={"name": "\ud800" + "é" * 1000})
        opened = await audit.open_personal(last_records(path, 1)[0])
        assert opened == {"name": "?" + "é" * 399 + "…"}


class NoKeys:
    """A `PersonalKeys` whose store is away."""

    async def sealing_key(self, user: UserKey) -> Any:
        raise StoreUnavailable("The store is away.")

    async def open_fields(self, user: UserKey, after: object, sealed: bytes) -> Any:
        raise StoreUnavailable("The store is away.")


class TestWhileNoKeyCanBeHad:
    async def test_what_was_done_is_recorded_without_its_personal_fields_and_says_so(self, path: Path) -> None:
        audit = AuditLog(LogWriter(path, AUDIT_KEY), NoKeys())
        await audit.record(AuditTag.TOOL_CALLED, ALICE, {"tool": "mail_read"}, personal=PERSONAL)
        (record,) = last_records(path, 1)
        assert record["details"] == {"tool": "mail_read", "personal": "left out: vault_unavailable"}
        assert "contoso.example" not in json.dumps(record)
        assert verify_log(path, AUDIT_KEY).records == 1

    async def test_a_change_is_refused(self, path: Path) -> None:
        audit = AuditLog(LogWriter(path, AUDIT_KEY), NoKeys())
        with pytest.raises(AuditUnavailable, match="cannot seal personal fields: The store is away"):
            await audit.record(AuditTag.TOOL_STARTED, ALICE, {"tool": "mail_send"}, personal=PERSONAL)
        assert last_records(path, 1) == []
