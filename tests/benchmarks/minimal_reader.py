"""The floor of reading: the smallest server the SDK makes, whose one tool fetches a message and returns its HTML.

It asks Graph, whose address is the first argument, with the options in the second one, in JSON. The whole body goes out
once, as text: structured content would repeat it.
"""

import json
import os
import sys

import httpx
from mcp.server.mcpserver import MCPServer

# By default the SDK writes each request of httpx to standard error.
server = MCPServer("reader", log_level="ERROR")
graph = httpx.AsyncClient(
    base_url=sys.argv[1],
    headers={"Authorization": f"Bearer {os.environ['GRAPH_TOKEN']}", "Prefer": 'IdType="ImmutableId"'},
    trust_env=False,
)
options = json.loads(sys.argv[2])


@server.tool(structured_output=False)
async def read(message: str) -> str:
    """The body of a message."""
    answer = await graph.get(f"/me/messages/{message}", params=options)
    return str(answer.raise_for_status().json()["body"]["content"])


if __name__ == "__main__":
    server.run("stdio")
