"""Subscriptions to new mail in the inbox, of which Microsoft Graph then tells a web address of this server.

https://learn.microsoft.com/graph/api/resources/subscription
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Item

_RESOURCE = "me/mailFolders('inbox')/messages"


@dataclass(frozen=True, slots=True)
class InboxSubscriptions:
    """The subscriptions of one user to their inbox. Every method raises GraphError."""

    graph: GraphClient

    async def create_subscription(self, url: str, client_state: str, until: datetime) -> str:
        """The id of a new one. Graph first asks `url` whether it is willing, and tells it `client_state` each time."""
        fields = {
            "changeType": "created,updated",
            "resource": _RESOURCE,
            "notificationUrl": url,
            "lifecycleNotificationUrl": url,
            "clientState": client_state,
            "expirationDateTime": _written(until),
        }
        request = self.graph.request(self.graph.subscriptions(), "POST", json=fields)
        return (await self.graph.answer_to(request, Item)).id

    async def renew_subscription(self, subscription: str, until: datetime) -> None:
        """Lasts until then; this also authorizes it anew. Raises NotFound when there is none of this id any more."""
        resource = self.graph.subscriptions(subscription)
        request = self.graph.request(resource, "PATCH", json={"expirationDateTime": _written(until)})
        await self.graph.answer_to(request, Item)


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
