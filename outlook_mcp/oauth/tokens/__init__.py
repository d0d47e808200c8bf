"""Valid access tokens for Graph: cached, refreshed once for all callers and processes, or got On-Behalf-Of."""
