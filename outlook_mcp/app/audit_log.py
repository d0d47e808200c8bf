"""Opens the audit log of this process: its file, and its last link in the store."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from outlook_mcp.audit.last_link import LastLinkKeeper
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.settings import AuditLogSettings
from outlook_mcp.audit.syslog_copy import SyslogCopy, syslog_address
from outlook_mcp.audit.verify import AuditReport, verify_log
from outlook_mcp.audit.writer import LogWriter
from outlook_mcp.config import Configuration
from outlook_mcp.errors import AuditBroken, RecordBroken
from outlook_mcp.net.tasks import end_task, start_task
from outlook_mcp.vault.audit_links import VaultLastLinks
from outlook_mcp.vault.vault import CredentialVault


@asynccontextmanager
async def open_audit_log(configuration: Configuration, vault: CredentialVault) -> AsyncIterator[AuditLog]:
    """The audit log, sealed with a key of the vault. While it is open its last link is saved in the store."""
    copy = SyslogCopy(syslog_address(configuration.audit_syslog)) if configuration.audit_syslog else None
    key = await vault.derive_key("audit")
    writer = LogWriter(_path(configuration), key, _settings(configuration), copy_line=copy)
    keeper = LastLinkKeeper(writer, VaultLastLinks(vault, _name(configuration)))
    saving = start_task(keeper.save_links())
    try:
        yield AuditLog(writer, vault.personal_fields, keeper)
    finally:
        await end_task(saving)
        await keeper.finish()
        if copy is not None:
            copy.close()


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
