"""The MCP server: every tool call passes here, so identity, sign-in, errors and the audit log are seen to once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, CallToolResult, GetPromptResult, InputRequiredResult, TextContent
from pydantic import ValidationError

from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import (
    AccessDenied,
    AccessTokenRejected,
    ClaimsRequired,
    OutlookError,
    ScopeRequired,
    SignInRequired,
)
from outlook_mcp.mail.answers import error_text
from outlook_mcp.server.arguments import explain, unknown_argument
from outlook_mcp.server.declare import EmailTool
from outlook_mcp.server.services import Services
from outlook_mcp.server.sign_in import ask_to_sign_in, resume_sign_in
from outlook_mcp.server.subscription_bus import tell_of_a_change

Answer = CallToolResult | InputRequiredResult
Lifespan = Callable[[MCPServer[Services]], AbstractAsyncContextManager[Services]]


class EmailToolServer(MCPServer[Services]):
    """An MCPServer whose tool calls end in an answer, a question or a clear error, each one on record."""

    def __init__(self, tools: Sequence[EmailTool], lifespan: Lifespan, **server: Any) -> None:
        super().__init__(lifespan=lifespan, tools=[tool.build() for tool in tools], **server)
        self._offered = {tool.name: tool for tool in tools}

    @property
    def tool_scopes(self) -> dict[str, str]:
        """The scope of ours that each tool needs, by the tool's name."""
        return {name: tool.scope for name, tool in self._offered.items()}

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
        tag, outcome, answer = AuditTag.TOOL_FAILED, "broken", None
        try:
            if not tool.reads_only:
                # Written first: what cannot be put on record is not done.
                await _record(services, AuditTag.TOOL_STARTED, {"tool": name})
            answer = await self._answer(tool, arguments, context)
            tag, outcome = AuditTag.TOOL_CALLED, _outcome(answer)
        except OutlookError as error:
            answer, outcome = error_answer(error_text(error)), error.code
        except anyio.get_cancelled_exc_class():
            outcome = "cancelled"
            raise
        finally:
            # What was begun gets an ending on record, whoever broke it off.
            with anyio.CancelScope(shield=True):
                await _put_on_record(services, tag, name, arguments, answer, outcome)
        return answer

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[Services, Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        """A wrong name or argument is the client's mistake, not a failure of ours."""
        prompt = self._prompt_manager.get_prompt(name)
        takes = [argument.name for argument in (prompt.arguments or () if prompt else ())]
        if prompt and (unknown := next((one for one in arguments or () if one not in takes), None)) is not None:
            raise MCPError(code=INVALID_PARAMS, message=unknown_argument(name, unknown, takes))
        try:
            return await super().get_prompt(name, arguments, context)
        except ValueError as error:
            raise MCPError(code=INVALID_PARAMS, message=str(error)) from None

    async def _answer(self, tool: EmailTool, arguments: dict[str, Any], context: Context[Services, Any]) -> Answer:
        services = context.request_context.lifespan_context
        account = _account(arguments)
        question = await resume_sign_in(context, services.sign_ins)
        if question is None:
            try:
                return await self._run(tool, arguments, context)
            except (SignInRequired, ScopeRequired) as refused:
                needed = refused
            except AccessTokenRejected as rejected:
                # Graph refuses even a fresh token, so only a new sign-in can help.
                asked = rejected.claims
                needed = ClaimsRequired(rejected.message, asked) if asked else SignInRequired(rejected.message)
            except AccessDenied as denied:
                if not await services.lacks_permission(tool.scope, account):
                    raise
                needed = SignInRequired(denied.message)
            question = await ask_to_sign_in(context, services.sign_ins, needed, account)
        return question or await self._run(tool, arguments, context)

    async def _run(self, tool: EmailTool, arguments: dict[str, Any], context: Context[Services, Any]) -> Answer:
        await context.request_context.lifespan_context.require_scope(tool.scope)
        name = tool.name
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as failed:
            cause = failed.__cause__
            if isinstance(cause, OutlookError):
                raise cause from None
            if isinstance(cause, ValidationError):
                built = self._tool_manager.get_tool(name)
                return error_answer(explain(name, cause, built.parameters["properties"] if built else {}))
            raise
        finally:
            if not tool.reads_only:
                await tell_of_a_change(context)


def _account(arguments: dict[str, Any]) -> str | None:
    account = arguments.get("account")
    return account if isinstance(account, str) else None


def error_answer(text: str) -> CallToolResult:
    """An error that the model reads."""
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


async def _put_on_record(
    services: Services, tag: AuditTag, name: str, arguments: dict[str, Any], answer: Answer | None, outcome: str
) -> None:
    """What was done, as counts without content. It stays done when that fails, and the answer says so."""
    details: dict[str, str | int | bool] = {"tool": name, "outcome": outcome}
    if isinstance(ids := arguments.get("ids"), list):
        details["ids"] = len(ids)
    try:
        await _record(services, tag, details)
    except OutlookError as unrecorded:
        if isinstance(answer, CallToolResult):
            answer.content.append(TextContent(type="text", text=f"Not on record: {error_text(unrecorded)}"))


async def _record(services: Services, tag: AuditTag, details: dict[str, str | int | bool]) -> None:
    caller = await services.known_caller()
    if caller is not None and caller.session.transport == "http":
        # Tells which of the user's clients it was.
        details = {**details, "session": caller.session.id}
    await services.audit.record(tag, None if caller is None else caller.user, details)


def _outcome(answer: Answer) -> str:
    if isinstance(answer, InputRequiredResult):
        return "asked"
    return "refused" if answer.is_error else "ok"
