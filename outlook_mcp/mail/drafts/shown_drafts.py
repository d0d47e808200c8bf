"""Notices that a draft was changed elsewhere, such as by its user in Outlook, since it was last shown to the caller."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass

from pydantic import SecretStr

from outlook_mcp.errors import Conflict, VaultError
from outlook_mcp.identity.shared_store import KeptValues
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.drafts.recipient_fields import current_recipients
from outlook_mcp.mail.models import Message

_PURPOSE = "shown draft"
# Whoever goes on with a draft later reads it first.
_KEPT_S = 7 * 86_400.0
# What a change overwrites, by the JSON fields that it writes.
_PARTS = {
    "text": ("body",),
    "subject": ("subject",),
    "recipients": ("toRecipients", "ccRecipients", "bccRecipients"),
}


@dataclass(frozen=True, slots=True)
class ShownDrafts:
    """Digests of the drafts of one user as they were last shown, on every server that shares the vault."""

    kept: KeptValues
    user: UserKey

    async def note_shown(self, draft: Message, *, has_text: bool = True) -> None:
        """`draft` was read with its body and recipients, and is in an answer now; `has_text` with its text."""
        handle, digests = self._handle_of(draft), _digests(draft)
        try:
            if not has_text and (kept := await self.kept.read_ticket(_PURPOSE, handle)) is not None:
                digests["text"] = json.loads(kept)["text"]
            await self.kept.put_ticket(_PURPOSE, handle, json.dumps(digests).encode(), lifetime_s=_KEPT_S)
        except VaultError:
            # Then a change made elsewhere is not noticed, which is no reason to show nothing.
            pass

    async def check_unchanged(self, draft: Message, fields: Collection[str]) -> None:
        """Raises Conflict when a change of these JSON fields would overwrite what the caller has not seen."""
        kept = await self.kept.read_ticket(_PURPOSE, self._handle_of(draft))
        if kept is None:
            return
        shown, now = json.loads(kept), _digests(draft)
        written = [part for part, names in _PARTS.items() if any(name in fields for name in names)]
        changed = [part for part in written if shown.get(part) != now[part]]
        if changed:
            raise Conflict(
                f"Somebody else changed the {' and '.join(changed)} of this draft since it was last shown, such as the "
                "user in Outlook; nothing was saved.",
                next_step="Read it with mail_read, then save it again with what is to stay of it.",
            )

    def _handle_of(self, draft: Message) -> SecretStr:
        parts = (self.user.tid, self.user.oid, draft.id)
        return SecretStr(hashlib.sha256("\n".join(parts).encode()).hexdigest())


def _digests(draft: Message) -> dict[str, str]:
    people = {
        field: sorted((recipient.email_address.address or "").lower() for recipient in recipients)
        for field, recipients in current_recipients(draft).items()
    }
    parts = {"text": draft.body.content if draft.body else "", "subject": draft.subject or "", "recipients": people}
    return {name: hashlib.sha256(json.dumps(part).encode()).hexdigest()[:16] for name, part in parts.items()}
