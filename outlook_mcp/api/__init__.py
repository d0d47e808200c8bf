"""What other programs may import: tools of their own, the MCP server and the web application. The rest may change."""
