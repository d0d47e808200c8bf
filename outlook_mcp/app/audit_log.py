"""Opens the audit log of this process, its file and what of it is in the store, and reads the logs of all servers."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio.from_thread
import anyio.to_thread
from pydantic import SecretBytes

from outlook_mcp.audit.chain import AuditRecord, read_record
from outlook_mcp.audit.files import all_lines
from outlook_mcp.audit.last_link import LastLinkKeeper
from outlook_mcp.audit.line_copier import LineCopier
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.settings import AuditLogSettings
from outlook_mcp.audit.syslog_copy import SyslogCopy, syslog_address
from outlook_mcp.audit.verify import AuditReport, verify_copy, verify_log
from outlook_mcp.audit.writer import LogWriter
from outlook_mcp.config import Configuration
from outlook_mcp.errors import AuditBroken, RecordBroken
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.tasks import end_task, start_task
from outlook_mcp.vault.audit_links import KnownLog, VaultLastLinks, VaultLines, known_logs
from outlook_mcp.vault.vault import CredentialVault

_LINES_AT_ONCE = 500


@asynccontextmanager
async def open_audit_log(configuration: Configuration, vault: CredentialVault) -> AsyncIterator[AuditLog]:
    """The audit log, sealed with a key of the vault. While it is open its last link is saved in the store."""
    copy = SyslogCopy(syslog_address(configuration.audit_syslog)) if configuration.audit_syslog else None
    key = await vault.derive_key("audit")
    writer = LogWriter(_path(configuration), key, _settings(configuration), copy_line=copy)
    name, is_copied = _name(configuration), configuration.audit_store
    links = VaultLastLinks(vault, name, is_copied=is_copied)
    copier = LineCopier(_path(configuration), VaultLines(vault, name)) if is_copied else None
    keeper = LastLinkKeeper(writer, links, copier=copier)
    saving = start_task(keeper.save_links())
    try:
        yield AuditLog(writer, vault.personal_fields, keeper)
    finally:
        await end_task(saving)
        await keeper.finish()
        if copy is not None:
            copy.close()


async def check_audit_log(configuration: Configuration, vault: CredentialVault) -> Path:
    """The file of the log. Raises AuditUnavailable when this vault's key did not write its last line."""
    writer = LogWriter(_path(configuration), await vault.derive_key("audit"), _settings(configuration))
    await anyio.to_thread.run_sync(writer.check_last_line)
    return writer.path


async def verify_audit_log(configuration: Configuration, vault: CredentialVault) -> AuditReport:
    """Verifies the files against their checkpoints and the store. Raises AuditBroken and AuditUnavailable."""
    try:
        # Read before the files: a server may go on writing meanwhile.
        stored = await VaultLastLinks(vault, _name(configuration)).load_link()
    except RecordBroken:
        raise AuditBroken(f"{_path(configuration)}: edited: its last link in the store does not verify.") from None
    return verify_log(
        _path(configuration), await vault.derive_key("audit"), stored=stored, settings=_settings(configuration)
    )


async def verify_copies(configuration: Configuration, vault: CredentialVault) -> dict[str, AuditReport]:
    """The report on each copy of a log in the store, by the log's name. Raises AuditBroken and StoreUnavailable."""
    copies = await _copied_logs(configuration, vault)
    return {log.name: await _verify_copy(vault, log) for log in copies}


async def records_of_user(configuration: Configuration, vault: CredentialVault, user: UserKey) -> list[AuditRecord]:
    """The records about the user, in the order of their times: of this machine's log and of all copies in the store.

    Raises AuditBroken when a copy was altered or a line of this machine's log cannot be read, and StoreUnavailable.
    """
    found = list(_own_records(configuration, await vault.derive_key("audit"), user))
    for log in await _copied_logs(configuration, vault):
        # What the files of this machine have was read from there.
        if log.name != _name(configuration):
            await _verify_copy(vault, log, lambda record: found.append(record) if record.user == str(user) else None)
    return sorted(found, key=lambda record: (record.time, record.seq))


def _own_records(configuration: Configuration, key: SecretBytes, user: UserKey) -> Iterator[AuditRecord]:
    path, mentioned = _path(configuration), json.dumps(str(user)).encode()
    for line in all_lines(path):
        if mentioned in line:
            if (record := read_record(key, line)) is None:
                raise AuditBroken(f"{path}: a line was edited.", next_step="Run `outlook-mcp audit verify`.")
            if record.user == str(user):
                yield record


async def _copied_logs(configuration: Configuration, vault: CredentialVault) -> list[KnownLog]:
    if not configuration.audit_store:
        return []
    try:
        return [log for log in await known_logs(vault) if log.is_copied]
    except RecordBroken as error:
        raise AuditBroken(f"edited: {error.message}") from None


async def _verify_copy(
    vault: CredentialVault, log: KnownLog, on_record: Callable[[AuditRecord], None] = lambda record: None
) -> AuditReport:
    """Reads page by page and verifies in a thread: a copy may be larger than memory."""
    lines, key = VaultLines(vault, log.name), await vault.derive_key("audit")

    def pages() -> Iterator[tuple[int, bytes]]:
        page = anyio.from_thread.run(lines.read_lines, 0, _LINES_AT_ONCE)
        while page:
            yield from page
            page = anyio.from_thread.run(lines.read_lines, page[-1].number, _LINES_AT_ONCE)

    try:
        return await anyio.to_thread.run_sync(verify_copy, log.name, key, pages(), log.link, on_record)
    except RecordBroken as error:
        raise AuditBroken(f"{log.name} (copy in the store): edited: {error.message}") from None


def _path(configuration: Configuration) -> Path:
    return configuration.data_dir / "audit.log"


def _settings(configuration: Configuration) -> AuditLogSettings:
    return AuditLogSettings(
        max_bytes=configuration.audit_max_mb * 1024 * 1024,
        kept_files=configuration.audit_kept_files,
        second_checkpoint=configuration.audit_checkpoint,
    )


def _name(configuration: Configuration) -> str:
    """What tells this log from those of other servers that share the store."""
    if configuration.audit_name:
        return configuration.audit_name
    path = str(_path(configuration))
    return f"{socket.gethostname()}:{path}" if configuration.is_store_shared else path
