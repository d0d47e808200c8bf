"""The tools as the SDK serves them."""

from __future__ import annotations

from collections.abc import Mapping

from mcp.server.mcpserver.tools import Tool, ToolManager

from outlook_mcp.server.declare import EmailTool


class ToolsBuiltOnUse(ToolManager):
    """Builds a tool when it is listed or called first: each takes milliseconds, and the first call needs one."""

    def __init__(self, offered: Mapping[str, EmailTool]) -> None:
        super().__init__()
        self._offered = offered

    def get_tool(self, name: str) -> Tool | None:
        tool = self._offered.get(name)
        return tool.built if tool else None

    def list_tools(self) -> list[Tool]:
        return [tool.built for tool in self._offered.values()]
