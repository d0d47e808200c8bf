# Tests look at files and start processes where a server must not.
# ruff: noqa: ASYNC220, ASYNC240

from __future__ import annotations

import asyncio
import base64
import stat
import subprocess
import sys
from pathlib import Path

import keyring.backend
import keyring.backends.fail
import keyring.backends.null
import keyring.core
import keyring.errors
import pytest
from pydantic import SecretStr

from outlook_mcp.errors import ConfigurationError, KeyMismatch, StoreUnavailable
from outlook_mcp.vault.envelope import SealingKey
from outlook_mcp.vault.key_ring import KeyRing, KeySource, format_keys, parse_keys
from outlook_mcp.vault.key_sources import EnvironmentKeySource, FileKeySource, KeyringKeySource

ROOT = Path(__file__).parents[2]


NEVER_ANSWERS = """
import threading, anyio
from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.key_sources import KeyringKeySource

class Silent:
    def get_password(self, service, username):
        threading.Event().wait()

async def main():
    try:
        await KeyRing(KeyringKeySource(backend=Silent()), deadline_s=0.1).sealing_key()
    except StoreUnavailable as error:
        print(error)

anyio.run(main)
"""


class InMemoryKeyring(keyring.backend.KeyringBackend):
    """A real backend in the sense of the keyring package; the test machine has no desktop to hold one."""

    priority = 1

    def __init__(self, *, locked: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._locked = locked
        self._passwords: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        if self._locked:
            raise keyring.errors.KeyringLocked("locked")
        return self._passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._passwords[service, username] = password


class TestAnySourceThatCanBeWritten:
    @pytest.fixture(params=["file", "keyring"])
    def source(self, request: pytest.FixtureRequest, key_file: Path) -> KeySource:
        return FileKeySource(key_file) if request.param == "file" else KeyringKeySource(backend=InMemoryKeyring())

    async def test_the_first_key_is_made_once(self, source: KeySource) -> None:
        assert source.load_keys() == ()
        key = await KeyRing(source).sealing_key_or_new()
        assert await KeyRing(source).sealing_key_or_new() == key
        assert await KeyRing(source).sealing_key() == key

    async def test_phases_of_a_rotation(self, source: KeySource) -> None:
        ring = KeyRing(source)
        old = await ring.sealing_key_or_new()
        new = await ring.add_key()
        assert await ring.key_ids() == (old.id, new.id)
        await ring.promote_key(new.id)
        assert await ring.key_ids() == (new.id, old.id)
        assert await ring.find_key(old.id) == old
        assert await ring.drop_keys([old.id]) == (old.id,)
        assert await KeyRing(source).key_ids() == (new.id,)

    async def test_dropping_old_keys_leaves_a_key_that_was_added_meanwhile(self, source: KeySource) -> None:
        ring = KeyRing(source)
        old = await ring.sealing_key_or_new()
        await ring.promote_key((await ring.add_key()).id)
        meanwhile = await KeyRing(source).add_key()
        await ring.drop_keys([old.id])
        assert meanwhile.id in await ring.key_ids()

    async def test_a_key_added_elsewhere_is_found(self, source: KeySource) -> None:
        ring = KeyRing(source)
        await ring.sealing_key_or_new()
        new = await KeyRing(source).add_key()
        assert await ring.find_key(new.id) == new

    async def test_no_key_and_an_unknown_key_name_the_source(self, source: KeySource) -> None:
        with pytest.raises(KeyMismatch, match=source.name):
            await KeyRing(source).sealing_key()
        with pytest.raises(KeyMismatch, match=f"{source.name} does not hold key 00ff"):
            await KeyRing(source).find_key("00ff")


class TestKeyFile:
    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
    async def test_it_is_made_for_its_owner_only(self, key_file: Path) -> None:
        await KeyRing(FileKeySource(key_file)).sealing_key_or_new()
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
        assert sorted(file.name for file in key_file.parent.iterdir()) == ["vault.key", "vault.key.lock"]

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
    async def test_a_file_open_to_others_is_refused_with_the_command_that_helps(
        self, key_file: Path, mode: int
    ) -> None:
        await KeyRing(FileKeySource(key_file)).sealing_key_or_new()
        key_file.chmod(mode)
        with pytest.raises(ConfigurationError, match=f"mode {mode:04o}.*chmod 600"):
            await KeyRing(FileKeySource(key_file)).sealing_key()

    async def test_four_processes_that_start_at_once_use_one_key(self, key_file: Path) -> None:
        program = (
            "import asyncio, sys; from pathlib import Path; from outlook_mcp.vault.key_ring import KeyRing;"
            "from outlook_mcp.vault.key_sources import FileKeySource;"
            "print(asyncio.run(KeyRing(FileKeySource(Path(sys.argv[1]))).sealing_key_or_new()).id)"
        )
        command = [sys.executable, "-c", program, str(key_file)]
        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(4)]
        assert len({process.communicate(timeout=30)[0] for process in processes}) == 1

    async def test_rotations_at_once_lose_no_key(self, key_file: Path) -> None:
        rings = [KeyRing(FileKeySource(key_file)) for _ in range(5)]
        await rings[0].sealing_key_or_new()
        added = await asyncio.gather(*(ring.add_key() for ring in rings))
        assert {key.id for key in added} < set(await rings[0].key_ids())

    async def test_a_file_that_holds_something_else_is_refused_without_showing_it(self, key_file: Path) -> None:
        key_file.parent.mkdir()
        key_file.write_text("my-password-123")
        key_file.chmod(0o600)
        with pytest.raises(ConfigurationError, match=r"vault\.key holds a word of 15 characters") as refusal:
            await KeyRing(FileKeySource(key_file)).sealing_key()
        assert "my-password" not in str(refusal.value)

    async def test_a_folder_in_its_place_is_named(self, key_file: Path) -> None:
        key_file.mkdir(parents=True)
        with pytest.raises(StoreUnavailable, match=r"vault\.key cannot be read"):
            await KeyRing(FileKeySource(key_file)).sealing_key()

    async def test_a_folder_that_cannot_be_made_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreUnavailable, match=r"file/vault\.key cannot be"):
            await KeyRing(FileKeySource(tmp_path / "file" / "vault.key")).sealing_key_or_new()


class TestEnvironmentValue:
    async def test_keys_are_read_in_order(self) -> None:
        old, new = SealingKey.generate(), SealingKey.generate()
        for separator in (",", " ", "\n"):
            text = separator.join(format_keys([key]).strip() for key in (new, old))
            assert await KeyRing(EnvironmentKeySource(SecretStr(text))).key_ids() == (new.id, old.id)

    async def test_an_empty_value_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="OUTLOOK_MCP_MASTER_KEY is empty"):
            await KeyRing(EnvironmentKeySource(SecretStr(" "))).sealing_key()

    @pytest.mark.parametrize("word", ["short", base64.b64encode(bytes(31)).decode(), "ä" * 44, "-" * 44])
    async def test_a_value_that_is_no_key_is_refused_without_showing_it(self, word: str) -> None:
        source = EnvironmentKeySource(SecretStr(word), variable="OTHER_KEY")
        with pytest.raises(ConfigurationError, match=f"OTHER_KEY holds a word of {len(word)} characters") as refusal:
            await KeyRing(source).sealing_key()
        assert word not in str(refusal.value)

    async def test_it_cannot_be_changed_here_and_says_what_to_do(self) -> None:
        ring = KeyRing(EnvironmentKeySource(SecretStr(format_keys([SealingKey.generate()]))))
        assert (await ring.sealing_key_or_new()) == (await ring.sealing_key())
        with pytest.raises(ConfigurationError, match="set from outside.*`new,old`"):
            await ring.add_key()


class TestKeyringOfTheSystem:
    async def test_a_locked_keyring_is_told(self) -> None:
        with pytest.raises(ConfigurationError, match="KeyringLocked.*Unlock it"):
            await KeyRing(KeyringKeySource(backend=InMemoryKeyring(locked=True))).sealing_key()

    async def test_a_keyring_that_fails_in_its_own_way_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(InMemoryKeyring, "get_password", lambda *_: int("no bus"))
        with pytest.raises(ConfigurationError, match="cannot be used.*ValueError.*Unlock it"):
            await KeyRing(KeyringKeySource(backend=InMemoryKeyring())).sealing_key()

    async def test_a_keyring_that_a_variable_misnames_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keyring.core, "_keyring_backend", None)
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "no_such_module.Keyring")
        with pytest.raises(ConfigurationError, match="cannot be used.*ModuleNotFoundError"):
            await KeyRing(KeyringKeySource()).sealing_key()

    async def test_a_keyring_that_keeps_nothing_is_told_before_anything_is_sealed(self) -> None:
        keeps_nothing = keyring.backends.null.Keyring()  # type: ignore[no-untyped-call]
        with pytest.raises(ConfigurationError, match="did not keep the key"):
            await KeyRing(KeyringKeySource(backend=keeps_nothing)).sealing_key_or_new()

    def test_a_keyring_that_never_answers_is_told_and_does_not_hold_up_the_end_of_the_process(self) -> None:
        """As one that waits for a person to unlock it where nobody sees the question."""
        outcome = subprocess.run(
            [sys.executable, "-c", NEVER_ANSWERS], capture_output=True, text=True, cwd=ROOT, check=False, timeout=60
        )
        assert "did not answer within 0 s." in outcome.stdout
        assert "Unlock it" in outcome.stdout

    async def test_a_keyring_that_cannot_be_written_is_told(self) -> None:
        no_keyring = keyring.backends.fail.Keyring()  # type: ignore[no-untyped-call]
        with pytest.raises(ConfigurationError, match="NoKeyringError"):
            await KeyRing(KeyringKeySource(backend=no_keyring)).sealing_key_or_new()

    def test_the_keyring_package_is_not_imported_until_it_is_needed(self) -> None:
        program = "import sys, outlook_mcp.vault.key_sources, outlook_mcp.vault.vault; print('keyring' in sys.modules)"
        answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
        assert answer.stdout.strip() == "False"


def test_keys_written_as_text_are_read_back() -> None:
    keys = (SealingKey.generate(), SealingKey.generate())
    assert parse_keys(format_keys(keys), "text") == keys
