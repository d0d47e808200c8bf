"""The sandbox that the examples are tried on: one for all of them, as another project's tests would have it."""

from outlook_mcp.sandbox.pytest_plugin import graph_sandbox, graph_sandbox_options, running_graph_sandbox

__all__ = ["graph_sandbox", "graph_sandbox_options", "running_graph_sandbox"]
