"""Key and vault files that must not be used are refused by name, and nothing is touched."""

from __future__ import annotations

import base64
import hashlib
import os
import stat

from tests.cli.commands import Outcome, Terminal


def test_the_key_file_is_for_its_owner_only(signed_in: Terminal) -> None:
    for name in ("vault.key", "vault.db"):
        assert stat.S_IMODE((signed_in.data / name).stat().st_mode) == 0o600


def test_a_key_file_open_to_others_is_refused(signed_in: Terminal) -> None:
    key = signed_in.data / "vault.key"
    key.chmod(0o640)
    outcome = _refused(signed_in, 2)
    for part in (str(key), "0640", "0600", "chmod 600"):
        assert part in outcome.err


def test_another_key_is_refused(signed_in: Terminal) -> None:
    key = signed_in.data / "vault.key"
    key.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
    assert "nothing was changed" in _refused(signed_in, 1).err


def test_another_key_from_the_environment_is_refused(signed_in: Terminal) -> None:
    other = base64.b64encode(os.urandom(32)).decode()
    outcome = _refused(signed_in, 1, key_source="environment", master_key=other)
    assert "nothing was changed" in outcome.err
    assert other not in outcome.err


def test_keys_of_the_environment_rotate_until_the_new_one_is_enough(signed_in: Terminal) -> None:
    old, new = (signed_in.data / "vault.key").read_text().strip(), base64.b64encode(os.urandom(32)).decode()
    rotated = signed_in.run("keys", "rotate", key_source="environment", master_key=f"{new},{old}")
    assert "Once every server has the new key: set only the new key." in rotated.out, rotated.printed
    assert signed_in.run("whoami", key_source="environment", master_key=new).status == 0


def test_keys_of_the_environment_that_somebody_saw_are_replaced_as_the_readme_says(signed_in: Terminal) -> None:
    old, new = (signed_in.data / "vault.key").read_text().strip(), base64.b64encode(os.urandom(32)).decode()
    rotated = signed_in.run(
        "keys", "rotate", "--rekey", "--drop-old", key_source="environment", master_key=f"{new},{old}"
    )
    assert rotated.status == 0, rotated.printed
    assert "Once every server has the new key: set only the new key." in rotated.out
    assert signed_in.run("whoami", key_source="environment", master_key=new).status == 0


def test_a_damaged_vault_is_refused_by_name(signed_in: Terminal) -> None:
    vault = signed_in.data / "vault.db"
    content = bytearray(vault.read_bytes())
    content[:64] = os.urandom(64)
    vault.write_bytes(content)
    assert str(vault) in _refused(signed_in, 1).err


def test_a_vault_cut_short_is_refused_by_name(signed_in: Terminal) -> None:
    vault = signed_in.data / "vault.db"
    os.truncate(vault, vault.stat().st_size // 2)
    assert str(vault) in _refused(signed_in, 1).err


def _refused(terminal: Terminal, status: int, **settings: str) -> Outcome:
    before = _digests(terminal)
    outcome = terminal.run("whoami", **settings)
    assert (outcome.status, outcome.out) == (status, ""), outcome.printed
    assert "Traceback" not in outcome.err
    assert _digests(terminal) == before
    return outcome


def _digests(terminal: Terminal) -> dict[str, str]:
    names = ("vault.db", "vault.key", "audit.log")
    return {name: hashlib.sha256((terminal.data / name).read_bytes()).hexdigest() for name in names}
