"""The HTTP server: the MCP endpoint, the authorization server, trusted token issuers and the pages for users."""
