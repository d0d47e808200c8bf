"""Our OAuth authorization server: clients, authorization requests, codes, tokens and metadata."""
