"""What every MCP call passes: caller, scope, sign-in, deadline, audit record, errors; and how tools are declared."""
