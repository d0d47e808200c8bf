"""Checks of every request to the MCP endpoint: access token, scope, session quota and request id."""
