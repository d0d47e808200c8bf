"""One call of each kind."""

from __future__ import annotations

from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Item, Page


async def read(client: GraphClient) -> Page[Item]:
    return await client.answer_to(client.request(client.me.messages), Page[Item])


async def write(client: GraphClient) -> Item:
    return await client.answer_to(client.request(client.me.messages, "POST", json={"subject": "x"}), Item)


async def send(client: GraphClient) -> None:
    info = client.request(client.me.messages.by_message_id("d").send, "POST")
    await client.send_mail(info, permission="Mail.Send")
