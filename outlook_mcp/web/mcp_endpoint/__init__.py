"""What stands in front of the MCP endpoint: access tokens, quotas and request ids."""
