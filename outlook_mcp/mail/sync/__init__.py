"""What changed in a folder since the last time (delta queries)."""
