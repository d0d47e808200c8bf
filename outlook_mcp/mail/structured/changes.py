"""What became of changes of messages as fields."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.fields import Failure, Fields, Untrusted, all_words, failures
from outlook_mcp.mail.bulk.changes import NO_REST, ChosenMessages, Rest
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.messages import DeletedMessages, MovedMessages, UpdatedMessages
from outlook_mcp.mail.structured.listing import ListedMessage, folder_words, listed_message


class ChangedMessage(Fields, frozen=True, kw_only=True):
    """`new_id` is that of a copy, or of a message that has another id now."""

    id: str
    new_id: str = ""


class ChosenFields(Fields, frozen=True, kw_only=True):
    """Nothing was changed yet: so many messages would be, the first of which are `shown`. `complete`: more match than
    one call changes where it is false. `confirm` is the code that changes exactly these."""

    count: int
    complete: bool
    shown: list[ListedMessage] = []
    confirm: str = ""


class RestFields(Fields, frozen=True, kw_only=True):
    """Of a change in several calls: `left` for the next, with `confirm` where there is a code; `changed` by earlier
    ones; `unclear` whether earlier ones did."""

    left: int = 0
    changed: int = 0
    unclear: int = 0
    confirm: str = ""


class ChangeWords(Untrusted, frozen=True, kw_only=True):
    """The folder that messages were moved to, or that was searched for them; names of categories that none of them had
    to remove, and that were made."""

    folder: str = ""
    absent_categories: list[str] = []
    made_categories: list[str] = []


class MessagesChanged(Fields, frozen=True, kw_only=True):
    """`chosen` is there in place of `changed` where the change waits for its code."""

    changed: list[ChangedMessage] = []
    failed: list[Failure] = []
    rest: RestFields = RestFields()
    chosen: ChosenFields | None = None
    untrusted: ChangeWords = ChangeWords()


def updated_fields(context: AnswerContext, updated: UpdatedMessages | ChosenMessages) -> MessagesChanged:
    """Which messages were marked, or would be."""
    if isinstance(updated, ChosenMessages):
        return _chosen(context, updated)
    names = ChangeWords(
        absent_categories=all_words(updated.absent),
        made_categories=all_words(made.name for made in updated.category_list.made),
    )
    return _changed(context, updated.results, updated.rest, names)


def moved_fields(context: AnswerContext, moved: MovedMessages | ChosenMessages) -> MessagesChanged:
    """Which messages are in the folder now, or would be."""
    if isinstance(moved, ChosenMessages):
        return _chosen(context, moved)
    return _changed(context, moved.results, moved.rest, ChangeWords(folder=folder_words(moved.folder)))


def deleted_fields(context: AnswerContext, deleted: DeletedMessages | ChosenMessages) -> MessagesChanged:
    """Which messages are in Deleted Items now, or gone; or would be."""
    if isinstance(deleted, ChosenMessages):
        return _chosen(context, deleted)
    return _changed(context, deleted.results, deleted.rest)


def changed_messages(context: AnswerContext, results: Sequence[MessageResult]) -> list[ChangedMessage]:
    """The messages that were changed."""
    return [
        ChangedMessage(id=context.handle(result.id), new_id=_new_id(context, result))
        for result in results
        if result.is_done
    ]


def failed_messages(context: AnswerContext, results: Sequence[MessageResult]) -> list[Failure]:
    """The messages that were not changed, or perhaps were."""
    return failures(context, [(context.handle(result.id), result.error) for result in results])


def _new_id(context: AnswerContext, result: MessageResult) -> str:
    return context.handle(result.message.id) if result.message and result.message.id != result.id else ""


def _changed(
    context: AnswerContext, results: Sequence[MessageResult], rest: Rest = NO_REST, names: ChangeWords = ChangeWords()
) -> MessagesChanged:
    left = RestFields(left=rest.left, changed=rest.changed, unclear=rest.unclear, confirm=rest.code or "")
    return MessagesChanged(
        changed=changed_messages(context, results),
        failed=failed_messages(context, results),
        rest=left,
        untrusted=names,
    )


def _chosen(context: AnswerContext, chosen: ChosenMessages) -> MessagesChanged:
    found = chosen.found
    fields = ChosenFields(
        count=len(found.ids),
        complete=found.is_complete,
        shown=[listed_message(context, message) for message in chosen.shown],
        confirm=chosen.code or "",
    )
    return MessagesChanged(chosen=fields, untrusted=ChangeWords(folder=folder_words(found.folder)))
