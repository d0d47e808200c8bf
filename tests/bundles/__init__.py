"""Builds what client programs and the MCP registry install from, and checks it against the rules of each format."""
