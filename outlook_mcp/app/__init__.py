"""Builds every object, in the order in which a request meets them. The servers are not loaded until one is built."""

from outlook_mcp.app.components import Components, open_components, open_vault
from outlook_mcp.app.profile import App, open_app

__all__ = ["App", "Components", "open_app", "open_components", "open_vault"]
