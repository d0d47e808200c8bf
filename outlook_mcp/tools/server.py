"""The MCP server: every tool call passes here, so identity, sign-in, errors and the audit log are seen to once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, InputRequiredResult, TextContent
from pydantic import ValidationError

from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import OutlookError, SignInRequired
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.answers import error_text
from outlook_mcp.tools.arguments import explain
from outlook_mcp.tools.declare import EmailTool
from outlook_mcp.tools.services import Services
from outlook_mcp.tools.sign_in import ask_to_sign_in

Answer = CallToolResult | InputRequiredResult
Lifespan = Callable[[MCPServer[Services]], AbstractAsyncContextManager[Services]]


class EmailToolServer(MCPServer[Services]):
    """An MCPServer whose tool calls end in an answer, a question or a clear error, each one on record."""

    def __init__(self, tools: Sequence[EmailTool], lifespan: Lifespan, **server: Any) -> None:
        super().__init__(lifespan=lifespan, tools=[tool.build() for tool in tools], **server)
        self._offered = {tool.name: tool for tool in tools}

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Services, Any] | None = None
    ) -> Answer:
        """Runs one tool for the caller; see MCPServer.call_tool."""
        tool = self._offered.get(name)
        if tool is None:
            return error_answer(f"There is no tool {name[:80]!r} here. There are: {', '.join(self._offered)}.")
        if context is None:
            raise ToolError("A tool call needs a caller.")
        services = context.request_context.lifespan_context
        try:
            if not tool.reads_only:
                # Written first: what cannot be put on record is not done.
                services.audit.append(AuditTag.TOOL_STARTED, await services.known_user(), {"tool": name})
            answer = await self._answer(name, arguments, context)
            _record(services, AuditTag.TOOL_CALLED, await services.known_user(), name, arguments, _outcome(answer))
        except OutlookError as error:
            return await self._failed(services, name, arguments, error)
        return answer

    async def _answer(self, name: str, arguments: dict[str, Any], context: Context[Services, Any]) -> Answer:
        try:
            return await self._run(name, arguments, context)
        except SignInRequired as needed:
            sign_ins = context.request_context.lifespan_context.sign_ins
            question = await ask_to_sign_in(context, sign_ins, needed)
            return question or await self._run(name, arguments, context)

    async def _run(self, name: str, arguments: dict[str, Any], context: Context[Services, Any]) -> Answer:
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as failed:
            cause = failed.__cause__
            if isinstance(cause, OutlookError):
                raise cause from None
            if isinstance(cause, ValidationError):
                tool = self._tool_manager.get_tool(name)
                return error_answer(explain(name, cause, tool.parameters["properties"] if tool else {}))
            raise

    async def _failed(
        self, services: Services, name: str, arguments: dict[str, Any], error: OutlookError
    ) -> CallToolResult:
        try:
            _record(services, AuditTag.TOOL_FAILED, await services.known_user(), name, arguments, error.code)
        except OutlookError as unrecorded:
            return error_answer(f"{error_text(error)} {error_text(unrecorded)}")
        return error_answer(error_text(error))


def error_answer(text: str) -> CallToolResult:
    """An error that the model reads."""
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


def _record(
    services: Services, tag: AuditTag, user: UserKey | None, name: str, arguments: dict[str, Any], outcome: str
) -> None:
    """Counts and the draft's handle, never content."""
    ids = arguments.get("ids")
    details: dict[str, str | int | bool] = {"tool": name, "outcome": outcome}
    if isinstance(ids, list):
        details["ids"] = len(ids)
    services.audit.append(tag, user, details)


def _outcome(answer: Answer) -> str:
    if isinstance(answer, InputRequiredResult):
        return "asked"
    return "refused" if answer.is_error else "ok"
