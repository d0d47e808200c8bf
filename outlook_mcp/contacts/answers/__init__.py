"""Answers about contacts and people."""

from __future__ import annotations

from outlook_mcp.net.lean_imports import imported_on_use

# The list of tools needs none of it.
with imported_on_use():
    from outlook_mcp.contacts.answers.contact import contact_answer, saved_answer
    from outlook_mcp.contacts.answers.people import people_answer


__all__ = ["contact_answer", "people_answer", "saved_answer"]
