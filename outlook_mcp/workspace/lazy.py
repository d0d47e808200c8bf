"""What of the workspace is loaded when a call first needs it: it imports what opens a mailbox."""

from outlook_mcp.net.lean_imports import lazy_imports

with lazy_imports():
    from outlook_mcp.workspace.workspace import EmailWorkspace, graph_areas
