"""Tools of other distributions, which are offered only when the configuration names them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.server.declare import EmailTool

GROUP = "outlook_mcp.tools"


def _installed() -> Iterable[EntryPoint]:
    return entry_points(group=GROUP)


def own_tools(names: Sequence[str], installed: Callable[[], Iterable[EntryPoint]] = _installed) -> list[EmailTool]:
    """The tools of these entry points, in this order.

    Raises ConfigurationError when one is missing, cannot be loaded or is no tool, or when two have the same name.
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
    try:
        tool = point.load()
    # Code of other projects: whatever it raises, the reason is shown.
    except Exception as error:
        raise ConfigurationError(
            f"own_tools: {point.name!r} ({point.value}) cannot be loaded: {type(error).__name__}: {error}",
            next_step="Mend or update the package that has it, or take it out of the setting.",
        ) from error
    if not isinstance(tool, EmailTool):
        raise ConfigurationError(
            f"own_tools: {point.name!r} ({point.value}) is no tool.",
            next_step="Declare it with outlook_mcp.api.tools.email_tool.",
        )
    return tool
