"""Actions and conditions of inbox rules in words that are spaced in other ways than ours."""

from __future__ import annotations

from outlook_mcp.mail.rules.actions import parse_actions
from outlook_mcp.mail.rules.conditions import parse_conditions


async def folder_id(path: str) -> str:
    return f"id of {path}"


async def test_spaces_within_quotes_are_kept_and_those_between_words_do_not_matter() -> None:
    actions = await parse_actions('Move  to "Two  spaces"; category\t"A  B", Red; MARK  as  read', folder_id)
    assert actions == {
        "moveToFolder": "id of Two  spaces",
        "assignCategories": ["A  B", "Red"],
        "markAsRead": True,
    }
    assert parse_conditions('Subject  contains "A  B", c; has  attachments') == {
        "subjectContains": ["A  B", "c"],
        "hasAttachments": True,
    }
