"""Tools of other distributions, which are offered only when the configuration names them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.server.declare import EmailTool
from outlook_mcp.server.own_tool_calls import kept_to_its_call

GROUP = "outlook_mcp.tools"
# As MCP wants them; clients refuse others.
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_MEND = "Mend or update the package that has it, or take it out of the setting."


def _installed() -> Iterable[EntryPoint]:
    return entry_points(group=GROUP)


def own_tools(names: Sequence[str], installed: Callable[[], Iterable[EntryPoint]] = _installed) -> list[EmailTool]:
    """The tools of these entry points, in this order.

    Raises ConfigurationError when one is missing, cannot be loaded, is no tool, or would break the list of all tools.
    """
    if not names:
        return []
    known = {point.name: point for point in installed()}
    if missing := [name for name in names if name not in known]:
        there = ", ".join(sorted(known)) or "none"
        raise ConfigurationError(
            f"own_tools: no entry point of the group {GROUP} is called {missing[0]!r}; there are: {there}.",
            next_step="Install the package that has it, in the environment of this server, or correct the setting.",
        )
    return [_loaded(known[name]) for name in dict.fromkeys(names)]


def _loaded(point: EntryPoint) -> EmailTool:
    told = f"own_tools: {point.name!r} ({point.value})"
    try:
        tool = point.load()
    # Code of other projects: whatever it raises, the reason is shown. A script that was named ends the process.
    except (Exception, SystemExit) as error:
        raise ConfigurationError(f"{told} cannot be loaded: {_reason(error)}.", next_step=_MEND) from error
    if not isinstance(tool, EmailTool):
        raise ConfigurationError(f"{told} is no tool.", next_step="Declare it with outlook_mcp.api.tools.email_tool.")
    if fault := _fault_of(tool):
        raise ConfigurationError(f"{told} cannot be offered: {fault}.", next_step=_MEND)
    return replace(tool, run=kept_to_its_call(tool.run))


def _fault_of(tool: EmailTool) -> str | None:
    """Why clients or models could not use it; None when they can."""
    if not _NAME.fullmatch(tool.name):
        return f"{tool.name!r} is no name of a tool, which has letters, digits, underscores, hyphens and dots"
    if not inspect.iscoroutinefunction(tool.run):
        return "its function is not async"
    if not (tool.run.__doc__ or "").strip():
        return "its function has no docstring, which the model reads"
    for parameter in inspect.signature(tool.run).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            return f"the names of all parameters are needed, and {str(parameter).split(':')[0]!r} is any number of them"
        if parameter.annotation is parameter.empty:
            return f"its parameter {parameter.name!r} has no type"
    try:
        # One without a schema would make the whole list fail.
        _ = tool.built
    except Exception as error:
        return f"no schema can be made of its parameters: {_reason(error)}"
    return None


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0].rstrip(".")
