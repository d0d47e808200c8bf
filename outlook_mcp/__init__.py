"""An MCP server that gives an agent the Outlook mailbox of the user who asks."""

__all__ = ["__version__"]

__version__ = "0.1.0"
# Read by `outlook_mcp.cli.own_package`, to tell this package from others of its name.
__distribution__ = "outlook-mailbox-mcp"
