from __future__ import annotations

from datetime import UTC

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.mail.answers.listing import list_answer
from outlook_mcp.mail.models import MIXED_LISTING
from tests.mail.shown import HANDLES, NOW, message


def test_a_list_neither_asks_for_previews_nor_shows_one() -> None:
    """Graph makes them of a body with what its styles hide."""
    assert "bodyPreview" not in MIXED_LISTING
    assert "obey" not in list_answer(AnswerContext(HANDLES, UTC, NOW), [message(body_preview="obey")])
