"""Senders whose mail always goes to the focused inbox or always to the other one.

https://learn.microsoft.com/graph/api/resources/inferenceclassificationoverride
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Page
from outlook_mcp.mail.mailbox_settings.models import SenderOverride
from outlook_mcp.mail.settling import settled, settled_deletion


@dataclass(frozen=True, slots=True)
class SenderEditor:
    """For one mailbox."""

    graph: GraphClient
    look_again_s: float

    async def place_sender(self, address: str, inbox: str) -> str:
        """Has mail of the address go to this inbox; `none` lets Outlook decide again. Returns what was changed."""
        address = address.strip()
        known = await self._override_of(address)
        if inbox != "none":
            await settled(
                lambda: self._write_override(address, inbox, known),
                lambda: self._is_placed(address, inbox),
                look_again_s=self.look_again_s,
            )
            return "where mail of the sender goes"
        if known is None:
            return "nothing for the sender: there was no rule for that address"

        async def is_listed() -> bool:
            return await self._override_of(address) is not None

        request = self.graph.request(self._item(known), "DELETE")
        await settled_deletion(lambda: self.graph.perform(request), is_listed, look_again_s=self.look_again_s)
        return "where mail of the sender goes"

    async def _write_override(self, address: str, inbox: str, known: SenderOverride | None) -> bool:
        overrides = self.graph.me.inference_classification.overrides
        if known is None:
            fields = {"classifyAs": inbox, "senderEmailAddress": {"address": address}}
            await self.graph.answer_to(self.graph.request(overrides, "POST", json=fields), SenderOverride)
            return True
        await self.graph.answer_to(
            self.graph.request(self._item(known), "PATCH", json={"classifyAs": inbox}), SenderOverride
        )
        return True

    def _item(self, known: SenderOverride) -> Any:
        return self.graph.me.inference_classification.overrides.by_inference_classification_override_id(known.id)

    async def _is_placed(self, address: str, inbox: str) -> bool | None:
        now = await self._override_of(address)
        return (now is not None and now.classify_as == inbox) or None

    async def _override_of(self, address: str) -> SenderOverride | None:
        page = await self.graph.answer_to(
            self.graph.request(self.graph.me.inference_classification.overrides), Page[SenderOverride]
        )
        named = (
            override
            for override in page.value
            if (override.sender_email_address.address or "").lower() == address.lower()
        )
        return next(named, None)
