"""Our authorization server: clients, grants, tokens, metadata."""
