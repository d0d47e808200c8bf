"""Builds every object, in the order in which a request meets them."""

from outlook_mcp.app.rooms import Rooms, open_rooms, open_vault
from outlook_mcp.app.stdio import App, build_server, open_app

__all__ = ["App", "Rooms", "build_server", "open_app", "open_rooms", "open_vault"]
