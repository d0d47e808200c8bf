"""What came into a folder, changed in it or left it, and with which cursor to ask again."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.frame import framed
from outlook_mcp.answers.subjects import subject_line
from outlook_mcp.mail.answers.listing import message_lines
from outlook_mcp.mail.answers.place import moment_of, place_of
from outlook_mcp.mail.folder_names import folder_label
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.sync.changes import FolderChanges
from outlook_mcp.text.characters import one_line

_LONGEST_PLACE = 60
_ELSEWHERE = "another folder"


def changes_answer(context: AnswerContext, found: FolderChanges) -> str:
    """Lines as in lists, by what happened; then how many there are and the cursor."""
    where = folder_label(found.folder)
    following = f"since={found.cursor}"
    if found.since is None:
        if found.has_more:
            return f"{where} is large: its mail is still being read. Go on with {following}"
        watched = context.time(found.watched_since)
        return (
            f"From now on changes in {where} are told, of mail received since {watched}. Ask for them with {following}"
        )
    blocks = [
        *_block("New", message_lines(context, found.arrived)),
        *_block("Changed (read, marked or moved here)", message_lines(context, found.changed)),
        *_block("Gone", _gone_lines(context, found)),
    ]
    counts = f"{len(found.arrived)} new, {len(found.changed)} changed, {len(found.gone) + found.more_gone} gone"
    told = f"{counts} in {where} since {context.time(found.since)}"
    ending = f"{told}; more follow. Go on with {following}" if found.has_more else f"{told}. Next time: {following}"
    return f"{framed(chr(10).join(blocks))}\n{ending}" if blocks else ending


def _block(title: str, lines: Sequence[str]) -> list[str]:
    return [f"{title}:", *lines] if lines else []


def _gone_lines(context: AnswerContext, found: FolderChanges) -> list[str]:
    lines = [_gone_line(context, result, found) for result in found.gone]
    return [*lines, f"and {found.more_gone} more"] if found.more_gone else lines


def _gone_line(context: AnswerContext, result: MessageResult, found: FolderChanges) -> str:
    message = result.message
    if message is None:
        why = "erased, or in no folder that can be read" if result.error is None else context.error_text(result.error)
        return f"{context.handle(result.id)} {why}"
    return f"{context.handle(message.id)} to {_place(message, found)}: {_title(context, message)}"


def _place(message: Message, found: FolderChanges) -> str:
    return one_line(place_of(message, found.places), _LONGEST_PLACE) or _ELSEWHERE


def _title(context: AnswerContext, message: Message) -> str:
    return f"{context.time(moment_of(message))} {subject_line(message.subject, 120)}"
