"""Tests of `outlook_mcp.cli.start`."""
