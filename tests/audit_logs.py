"""An audit log for tests: its key is known, and personal fields are sealed under a key of each user in memory."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from pydantic import SecretBytes

from outlook_mcp.audit.chain import Link
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.writer import LogWriter
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.envelope import SealingKey, unseal
from outlook_mcp.vault.personal_fields import UserSealingKey
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.user_keys import AUDIT_KIND

AUDIT_KEY = SecretBytes(b"k" * 32)


class MemoryPersonalKeys:
    """A `PersonalKeys`."""

    def __init__(self) -> None:
        self._keys: defaultdict[UserKey, SealingKey] = defaultdict(SealingKey.generate)

    async def sealing_key(self, user: UserKey) -> UserSealingKey:
        return UserSealingKey(user, self._keys[user])

    async def open_fields(self, user: UserKey, after: Link, sealed: bytes) -> bytes | None:
        return unseal(self._keys[user], RecordKey(user, AUDIT_KIND, after.mac), after.seq + 1, sealed)


def audit_log(path: Path) -> AuditLog:
    """The log that is written to this file."""
    return AuditLog(LogWriter(path, AUDIT_KEY), MemoryPersonalKeys())
