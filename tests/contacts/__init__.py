"""Contacts and people: what is asked of Graph, and the answers."""
