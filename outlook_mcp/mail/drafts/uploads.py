"""Uploads of large files to drafts, which go on after a break where they were, also in another process or server."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from outlook_mcp.errors import GraphError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.graph.models import WireModel
from outlook_mcp.identity.shared_store import KeptValues
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.drafts.attached_content import OpenContent, Source

_PURPOSE = "upload"
# Sessions of Exchange end by themselves some time later; one that has ended is begun anew.
_KEPT_S = 6 * 3600.0
_ENDED = (404, 410)

# Is told what is uploaded, how many bytes of it have arrived, and how many there are.
ProgressReport = Callable[[str, int, int], Awaitable[None]]


class _UploadSession(WireModel, frozen=True, kw_only=True):
    """Where the parts of a large attachment are sent: the address holds its own, short-lived token."""

    upload_url: str


@dataclass(frozen=True, slots=True)
class Uploads:
    """The uploads of one user. The address of a session holds its own token, so it is kept in the vault only."""

    graph: GraphClient
    kept: KeptValues
    user: UserKey
    on_progress: ProgressReport | None = None
    # How many bytes have arrived of what is being uploaded, by the identity of its content.
    _arrived: dict[str, int] = field(default_factory=dict)

    def state_of(self, source: Source) -> str:
        """A sentence on what has arrived of a file whose upload was broken off; "" for nothing."""
        arrived = self._arrived.get(source.identity, 0)
        told = f"{arrived / 2**20:.0f} MB of it have arrived; attaching it to this draft again goes on there."
        return told if arrived else ""

    async def upload(
        self, builder: Any, draft_id: MessageId, source: Source, content: OpenContent, present: Counter[str]
    ) -> None:
        """Uploads a file of 3 to 150 MB to the draft, whose attachments `builder` stands for.

        An upload of the same file to this draft that was broken off goes on. Where its session has ended and the draft
        has a file of this name, that one is it.
        """
        handle = self._handle_of(draft_id, source, content.size)
        begun = await self.kept.read_ticket(_PURPOSE, handle)
        if begun is None or not await self._went_on(begun.decode(), source, content):
            if begun is not None and present[source.name]:
                # It is among them already, and the caller counts it once more.
                present[source.name] -= 1
            else:
                await self._begin(builder, handle, source, content)
        await self.kept.discard_ticket(_PURPOSE, handle)

    async def _begin(self, builder: Any, handle: SecretStr, source: Source, content: OpenContent) -> None:
        item = {
            "attachmentType": "file",
            "name": source.name,
            "size": content.size,
            "contentType": source.content_type,
            **({"isInline": True, "contentId": source.content_id} if source.content_id else {}),
        }
        request = self.graph.request(builder.create_upload_session, "POST", json={"AttachmentItem": item})
        session = await self.graph.answer_to(request, _UploadSession)
        await self.kept.put_ticket(_PURPOSE, handle, session.upload_url.encode(), lifetime_s=_KEPT_S)
        await self._send(session.upload_url, source, content, is_begun=False)

    async def _went_on(self, url: str, source: Source, content: OpenContent) -> bool:
        """False when the session has ended. Raises GraphError for any other failure."""
        try:
            await self._send(url, source, content, is_begun=True)
        except GraphError as error:
            if error.status not in _ENDED or not error.outcome_is_known:
                raise
            return False
        return True

    async def _send(self, url: str, source: Source, content: OpenContent, *, is_begun: bool) -> None:
        async def arrived(count: int) -> None:
            self._arrived[source.identity] = count
            if self.on_progress is not None:
                await self.on_progress(source.name, count, content.size)

        await self.graph.upload(url, content.read, content.size, is_begun=is_begun, on_progress=arrived)

    def _handle_of(self, draft_id: MessageId, source: Source, size: int) -> SecretStr:
        parts = (self.user.tid, self.user.oid, draft_id, source.identity, source.name, str(size))
        return SecretStr(hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest())
