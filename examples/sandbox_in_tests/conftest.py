"""Brings the fixture `graph_sandbox` of outlook-mcp into the tests of this project."""

pytest_plugins = ["outlook_mcp.sandbox.pytest_plugin"]
