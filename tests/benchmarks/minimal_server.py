"""The floor: the smallest server the SDK makes, with one trivial tool."""

from mcp.server.mcpserver import MCPServer

server = MCPServer("minimal")


@server.tool()
async def ping() -> str:
    """Answers."""
    return "pong"


if __name__ == "__main__":
    server.run("stdio")
