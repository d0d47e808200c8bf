"""Builds every object, in the order of a request. Importing it does not import the MCP or the web server."""

from outlook_mcp.app.components import Components, entra_provider, open_components, open_vault
from outlook_mcp.app.profile import App, open_app

__all__ = ["App", "Components", "entra_provider", "open_app", "open_components", "open_vault"]
