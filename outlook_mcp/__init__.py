"""An MCP server that gives an agent the Outlook mailbox of the user who asks."""

__all__ = ["__version__"]

__version__ = "0.1.0"
