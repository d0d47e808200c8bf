"""What any store must do. A test class of a store inherits this and provides the `store` fixture."""

from __future__ import annotations

import asyncio
import time

import pytest

from outlook_mcp.errors import GenerationConflict
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.records import LogLine, RecordKey, StoredRecord
from outlook_mcp.vault.store import VaultStore

ALICE = UserKey("contoso", "alice")
BOB = UserKey("contoso", "bob")
ALICE_ELSEWHERE = UserKey("fabrikam", "alice")
TOKEN = RecordKey(ALICE, "token", "work")
BOBS_TOKEN = RecordKey(BOB, "token", "work")
BLOB = bytes(range(256))


class StoreContract:
    async def test_a_record_comes_back_as_it_was_put(self, store: VaultStore) -> None:
        record = StoredRecord(BLOB, 7, time.time() + 1000)
        await store.put_record(TOKEN, record, expected_generation=None)
        assert await store.get_record(TOKEN) == record

    async def test_what_was_never_put_is_absent(self, store: VaultStore) -> None:
        assert await store.get_record(TOKEN) is None
        assert await store.delete_record(TOKEN) is False
        assert await store.record_keys_of(ALICE) == ()
        assert await store.users() == ()

    async def test_a_swap_needs_the_present_generation(self, store: VaultStore) -> None:
        await store.put_record(TOKEN, StoredRecord(b"one", 10), expected_generation=None)
        await store.put_record(TOKEN, StoredRecord(b"two", 11), expected_generation=10)
        for stale in (None, 9, 10, 12):
            with pytest.raises(GenerationConflict):
                await store.put_record(TOKEN, StoredRecord(b"late", 12), expected_generation=stale)
        assert await store.get_record(TOKEN) == StoredRecord(b"two", 11)

    async def test_a_swap_of_nothing_is_refused(self, store: VaultStore) -> None:
        with pytest.raises(GenerationConflict):
            await store.put_record(TOKEN, StoredRecord(b"one", 2), expected_generation=1)
        assert await store.get_record(TOKEN) is None

    async def test_one_of_many_concurrent_writers_wins(self, store: VaultStore) -> None:
        await store.put_record(TOKEN, StoredRecord(b"0", 1), expected_generation=None)
        writes = (
            store.put_record(TOKEN, StoredRecord(str(number).encode(), 2), expected_generation=1)
            for number in range(20)
        )
        answers = await asyncio.gather(*writes, return_exceptions=True)
        assert answers.count(None) == 1
        assert sum(isinstance(answer, GenerationConflict) for answer in answers) == 19
        assert await store.get_record(TOKEN) == StoredRecord(str(answers.index(None)).encode(), 2)

    async def test_generations_of_64_bits_are_kept_exactly(self, store: VaultStore) -> None:
        big = 2**53 - 2
        await store.put_record(TOKEN, StoredRecord(b"one", big), expected_generation=None)
        await store.put_record(TOKEN, StoredRecord(b"two", big + 1), expected_generation=big)
        assert await store.get_record(TOKEN) == StoredRecord(b"two", big + 1)

    async def test_users_kinds_and_ids_do_not_touch_each_other(self, store: VaultStore) -> None:
        keys = [
            RecordKey(user, kind, record_id)
            for user in (ALICE, BOB, ALICE_ELSEWHERE)
            for kind in ("token", "to", "t:o")
            for record_id in ("a", "a:b", "ä/%?*[", "")
        ]
        for number, key in enumerate(keys):
            await store.put_record(key, StoredRecord(str(number).encode(), 1), expected_generation=None)
        assert [(await store.get_record(key)) for key in keys] == [
            StoredRecord(str(number).encode(), 1) for number in range(len(keys))
        ]
        assert await store.record_keys_of(ALICE) == tuple(sorted(key for key in keys if key.user == ALICE))
        assert await store.record_keys_of(ALICE, "to") == tuple(
            sorted(key for key in keys if key.user == ALICE and key.kind == "to")
        )
        assert await store.users() == (ALICE, BOB, ALICE_ELSEWHERE)

    async def test_a_deleted_record_is_gone_and_can_be_made_anew(self, store: VaultStore) -> None:
        await store.put_record(TOKEN, StoredRecord(BLOB, 1), expected_generation=None)
        assert await store.delete_record(TOKEN) is True
        assert await store.get_record(TOKEN) is None
        assert await store.users() == ()
        await store.put_record(TOKEN, StoredRecord(b"again", 5), expected_generation=None)
        assert await store.get_record(TOKEN) == StoredRecord(b"again", 5)

    async def test_deleting_a_user_leaves_the_others(self, store: VaultStore) -> None:
        for user in (ALICE, BOB, ALICE_ELSEWHERE):
            for record_id in ("1", "2"):
                await store.put_record(
                    RecordKey(user, "token", record_id), StoredRecord(BLOB, 1), expected_generation=None
                )
        assert await store.delete_user(ALICE) == 2
        assert await store.delete_user(ALICE) == 0
        assert await store.record_keys_of(ALICE) == ()
        assert await store.users() == (BOB, ALICE_ELSEWHERE)
        assert len(await store.record_keys_of(BOB)) == 2

    async def test_an_expired_record_is_absent_for_every_operation(self, store: VaultStore) -> None:
        past = StoredRecord(BLOB, 1, time.time() - 1)
        await store.put_record(TOKEN, past, expected_generation=None)
        assert await store.get_record(TOKEN) is None
        assert await store.record_keys_of(ALICE) == ()
        assert await store.users() == ()
        with pytest.raises(GenerationConflict):
            await store.put_record(TOKEN, StoredRecord(b"late", 2), expected_generation=1)
        assert await store.delete_record(TOKEN) is False
        await store.put_record(TOKEN, past, expected_generation=None)
        await store.put_record(TOKEN, StoredRecord(b"new", 3), expected_generation=None)
        assert await store.get_record(TOKEN) == StoredRecord(b"new", 3)

    async def test_a_meta_row_is_swapped_by_its_bytes(self, store: VaultStore) -> None:
        assert await store.get_meta("root") is None
        with pytest.raises(GenerationConflict):
            await store.put_meta("root", b"one", expected=b"zero")
        await store.put_meta("root", b"one", expected=None)
        for stale in (None, b"zero", b"two"):
            with pytest.raises(GenerationConflict):
                await store.put_meta("root", b"two", expected=stale)
        await store.put_meta("root", b"two", expected=b"one")
        assert await store.get_meta("root") == b"two"
        assert await store.get_meta("other") is None
        assert await store.users() == ()

    async def test_a_counter_counts_every_caller_once(self, store: VaultStore) -> None:
        counts = await asyncio.gather(*(store.increment_counter("address", window_s=60) for _ in range(10)))
        assert sorted(counts) == list(range(1, 11))
        assert await store.increment_counter("another", window_s=60, by=7) == 7
        assert await store.increment_counter("another", window_s=60, by=-2) == 5
        assert await store.users() == ()

    async def test_a_counter_starts_anew_when_its_window_has_ended(self, store: VaultStore) -> None:
        give_up = time.monotonic() + 5
        counts = [await store.increment_counter("address", window_s=0.1)]
        while counts.count(1) < 2 and time.monotonic() < give_up:
            counts.append(await store.increment_counter("address", window_s=0.1))
        assert counts == [*range(1, len(counts)), 1]

    async def test_a_counter_that_was_only_read_begins_its_window_with_what_is_counted(self, store: VaultStore) -> None:
        """Else what was counted would be forgotten before its window has passed."""
        assert await store.increment_counter("address", window_s=0.1, by=0) == 0
        assert await store.increment_counter("address", window_s=60) == 1
        give_up = time.monotonic() + 5
        counts = [await store.increment_counter("another", window_s=0.1)]
        while counts.count(1) < 2 and time.monotonic() < give_up:
            counts.append(await store.increment_counter("another", window_s=0.1))
        assert await store.increment_counter("address", window_s=60, by=0) == 1

    async def test_lines_of_a_log_are_added_behind_the_last_one_only(self, store: VaultStore) -> None:
        lines = [LogLine(number, BLOB + bytes([number])) for number in (1, 2, 3, 7)]
        await store.logs.append_lines("one", lines[:2])
        # Somebody else copies the same log, and has come further.
        await store.logs.append_lines("one", lines[:3])
        await store.logs.append_lines("one", [LogLine(2, b"other"), lines[3]])
        await store.logs.append_lines("two", [LogLine(5, b"")])
        assert await store.logs.read_lines("one", after=0, most=10) == tuple(lines)
        assert await store.logs.read_lines("one", after=1, most=2) == tuple(lines[1:3])
        assert [await store.logs.last_number(log) for log in ("one", "two", "three")] == [7, 5, 0]
        assert await store.logs.log_names() == ("one", "two")
        assert await store.users() == ()

    async def test_the_oldest_lines_of_a_log_can_be_removed(self, store: VaultStore) -> None:
        await store.logs.append_lines("one", [LogLine(number, b"x") for number in range(1, 6)])
        await store.logs.remove_lines("one", through=3)
        assert [line.number for line in await store.logs.read_lines("one", after=0, most=10)] == [4, 5]

    async def test_closing_twice_is_fine(self, store: VaultStore) -> None:
        await store.get_record(TOKEN)
        await store.close()
        await store.close()
