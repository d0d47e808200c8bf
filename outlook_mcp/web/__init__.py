"""HTTP: the authorization server in front of Entra, its pages, and the door to MCP."""
