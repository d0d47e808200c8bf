"""Builds every object, in the order in which a request meets them. The servers are not loaded until one is built."""

from outlook_mcp.app.profile import App, open_app
from outlook_mcp.app.rooms import Rooms, open_rooms, open_vault

__all__ = ["App", "Rooms", "open_app", "open_rooms", "open_vault"]
