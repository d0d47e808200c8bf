"""Encrypted records of users, such as tokens, settings and sessions, and the stores that keep them."""
