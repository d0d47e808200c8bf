"""Every answer a model reads is shaped here: text in few tokens, names and ids once, mail marked as data."""

from outlook_mcp.answers.errors import error_text
from outlook_mcp.mail.answers.changes import draft_answer, outcomes_answer, sent_answer
from outlook_mcp.mail.answers.context import AnswerContext
from outlook_mcp.mail.answers.folders import folders_answer
from outlook_mcp.mail.answers.listing import list_answer
from outlook_mcp.mail.answers.reading import (
    ReadItem,
    attachment_answer,
    headers_answer,
    links_answer,
    read_answer,
    with_gaps,
)

__all__ = [
    "AnswerContext",
    "ReadItem",
    "attachment_answer",
    "draft_answer",
    "error_text",
    "folders_answer",
    "headers_answer",
    "links_answer",
    "list_answer",
    "outcomes_answer",
    "read_answer",
    "sent_answer",
    "with_gaps",
]
