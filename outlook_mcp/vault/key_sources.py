"""Where master keys are kept: a file, a value from the environment, the keyring of the operating system."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from outlook_mcp.audit.chain import O_BINARY
from outlook_mcp.audit.file_lock import locked
from outlook_mcp.audit.files import sync_folder
from outlook_mcp.audit.private_files import OPEN_TO_OTHERS, open_private
from outlook_mcp.errors import ServerFileError, StoreUnavailable
from outlook_mcp.vault.key_ring import MAKE_A_KEY, Change, Keys, format_keys, parse_keys

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_LOCK_DEADLINE_S = 5.0


class FileKeySource:
    """A file that only its owner can read (0600), one key a line, made at first use."""

    when_silent = None

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = f"key file {path}"

    def load_keys(self) -> Keys:
        try:
            with os.fdopen(open_private(self._path, os.O_RDONLY, forbidden=OPEN_TO_OTHERS), "rb") as file:
                return parse_keys(file.read().decode("ascii", "replace"), self.name)
        except FileNotFoundError:
            return ()
        except OSError as error:
            if error.errno == errno.EPERM:
                raise _not_private(self._path, error) from None
            raise StoreUnavailable(f"The {self.name} cannot be read: {error.strerror}.") from error

    def update_keys(self, change: Change) -> Keys:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = open_private(self._path.with_name(self._path.name + ".lock"), os.O_RDWR | os.O_CREAT)
            try:
                with locked(lock, deadline_s=_LOCK_DEADLINE_S):
                    return self._replace_keys(change)
            finally:
                os.close(lock)
        except OSError as error:
            raise StoreUnavailable(f"The {self.name} cannot be written: {error.strerror or error}.") from error

    def _replace_keys(self, change: Change) -> Keys:
        present = self.load_keys()
        keys = change(present)
        if keys != present:
            _write_atomically(self._path, format_keys(keys).encode())
        return keys


class EnvironmentKeySource:
    """Keys given as one value, sealing key first; rotated by whoever sets the value."""

    when_silent = None

    def __init__(self, value: SecretStr, *, variable: str = "OUTLOOK_MCP_MASTER_KEY") -> None:
        self._value = value
        self.name = f"variable {variable}"

    def load_keys(self) -> Keys:
        keys = parse_keys(self._value.get_secret_value(), self.name)
        if not keys:
            raise ServerFileError(
                f"The {self.name} is empty; expected one or more keys in base64.",
                next_step=MAKE_A_KEY,
            )
        return keys

    def update_keys(self, change: Change) -> Keys:
        present = self.load_keys()
        if (keys := change(present)) == present:
            return keys
        raise ServerFileError(
            f"The {self.name} is set from outside, so keys cannot be changed here.",
            next_step="Set `old,new` on every server, then `new,old`, run `outlook-mcp keys rotate`, then set `new`.",
        )


class KeyringKeySource:
    """The keyring of the operating system: Keychain, Credential Manager, Secret Service."""

    name = "keyring of the operating system"
    when_silent = "Unlock it, or keep the key in a file or in OUTLOOK_MCP_MASTER_KEY."
    _service = "outlook-mcp"
    _entry = "vault"

    def __init__(self, *, backend: KeyringBackend | None = None) -> None:
        self._chosen = backend

    def load_keys(self) -> Keys:
        return parse_keys(
            self._ask_keyring(lambda keyring: keyring.get_password(self._service, self._entry)) or "", self.name
        )

    def update_keys(self, change: Change) -> Keys:
        present = self.load_keys()
        keys = change(present)
        if keys == present:
            return keys
        self._ask_keyring(lambda keyring: keyring.set_password(self._service, self._entry, format_keys(keys)))
        # A keyring has no lock, so another process may have written as well: what it holds now is what all of them use.
        kept = self.load_keys()
        if keys and not kept:
            raise ServerFileError(
                f"The {self.name} did not keep the key.", next_step="Keep it in a file or in OUTLOOK_MCP_MASTER_KEY."
            )
        return kept

    def _ask_keyring(self, question: Callable[[KeyringBackend], Any]) -> Any:
        try:
            return question(self._backend())
        # Keyrings are the programs of others, and a setting may name one that is not there.
        except Exception as error:
            raise ServerFileError(
                f"The {self.name} cannot be used ({type(error).__name__}).", next_step=self.when_silent
            ) from error

    def _backend(self) -> KeyringBackend:
        if self._chosen is None:
            self._chosen = _keyring().get_keyring()
        return self._chosen


def _not_private(path: Path, error: OSError) -> ServerFileError:
    return ServerFileError(
        f"The key file {path} is not used: {error.strerror}.",
        next_step=f"Make it a file of your own, run `chmod 600 {path}`, and rotate the key if somebody else may have"
        " read it.",
    )


def _write_atomically(path: Path, content: bytes) -> None:
    """By one writer at a time. What a killed one left holds keys, so it is under a name that the next one replaces."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    try:
        with os.fdopen(open_private(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | O_BINARY), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _keyring() -> Any:
    # Here and not at the top: only a vault whose key lies in the keyring loads it, and looking for a backend takes tens
    # of milliseconds.
    import keyring.errors

    return keyring
