"""Answers about contacts and people."""
