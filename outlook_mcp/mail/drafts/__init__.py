"""Writes, changes and sends drafts, and finds out what was done when an answer of Graph is lost."""
