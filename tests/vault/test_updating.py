"""A change of one sealed record, made again when somebody else wrote first."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from outlook_mcp.errors import GenerationConflict, RecordBroken
from outlook_mcp.vault.records import NewValue
from outlook_mcp.vault.vault import CredentialVault
from tests.vault.contract import TOKEN
from tests.vault.disk import disk


async def test_a_change_is_made_again_when_somebody_else_wrote_first(vault: CredentialVault) -> None:
    await vault.replace_record(TOKEN, b"1")
    seen: list[bytes | None] = []

    async def add(number: int) -> None:
        def changed(value: bytes | None) -> NewValue:
            seen.append(value)
            return NewValue(b"%d" % (int(value or b"0") + number))

        await vault.update_record(TOKEN, changed)

    async with anyio.create_task_group() as tasks:
        for number in (10, 100, 1000):
            tasks.start_soon(add, number)
    record = await vault.get_record(TOKEN)
    assert record is not None
    assert record.value == b"1111"
    assert len(seen) > 3, "nobody wrote in between, so nothing was shown"


async def test_no_record_is_none_and_none_changes_nothing(vault: CredentialVault) -> None:
    seen: list[bytes | None] = []
    await vault.update_record(TOKEN, seen.append)
    assert seen == [None]
    assert await vault.get_record(TOKEN) is None


async def test_a_record_that_always_changes_is_given_up(
    vault: CredentialVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late(*_: object, **__: object) -> int:
        raise GenerationConflict("written meanwhile")

    monkeypatch.setattr(vault, "put_record", late)
    with pytest.raises(GenerationConflict, match="changed 10 times in a row"):
        await vault.update_record(TOKEN, lambda _: NewValue(b"value"))


async def test_the_record_is_returned_as_it_is_afterwards(vault: CredentialVault) -> None:
    assert await vault.update_record(TOKEN, lambda _: None) is None
    written = await vault.update_record(TOKEN, lambda _: NewValue(b"value"))
    assert written == await vault.get_record(TOKEN)
    assert await vault.update_record(TOKEN, lambda _: None) == written


async def test_a_planted_generation_that_has_no_successor_keeps_nobody_from_signing_in_again(
    vault: CredentialVault, vault_file: Path
) -> None:
    await vault.replace_record(TOKEN, b"old")
    with disk(vault_file) as connection:
        connection.execute("UPDATE record SET generation = ? WHERE kind = 'token'", (2**63 - 1,))
    with pytest.raises(RecordBroken):
        await vault.get_record(TOKEN)
    await vault.replace_record(TOKEN, b"new")
    record = await vault.get_record(TOKEN)
    assert record is not None
    assert record.value == b"new"
