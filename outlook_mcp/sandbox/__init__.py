"""A local Microsoft Graph (mail, calendar, contacts) and Entra ID; the product reaches it only over HTTP."""

from __future__ import annotations

from outlook_mcp.sandbox.directory import User
from outlook_mcp.sandbox.options import SandboxOptions
from outlook_mcp.sandbox.server import Sandbox, describe, run_sandbox

__all__ = ["Sandbox", "SandboxOptions", "User", "describe", "run_sandbox"]
