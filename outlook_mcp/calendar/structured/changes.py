"""What was saved, prepared, sent or deleted as fields."""

from __future__ import annotations

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.fields import Failure, Fields, Untrusted, all_words, failures, words
from outlook_mcp.calendar.changes.results import Deleted, Prepared, Saved, Sent, Shown
from outlook_mcp.calendar.structured.events import EventFields, event_fields


class ChangeWords(Untrusted, frozen=True, kw_only=True):
    """Addresses of those who get mail. `outside` are those of another organisation, `never_written_to` those to whom
    the user has not written lately."""

    invited: list[str] = []
    updated: list[str] = []
    called_off: list[str] = []
    outside: list[str] = []
    never_written_to: list[str] = []


class EventChange(Fields, frozen=True, kw_only=True):
    """One change, from `before`, which a new event has not, to `after`; event_send sends it by `code` as its id.

    `conflicts` are other events of the user at that time. `restored` are dates of a series that become regular again.
    """

    code: str = ""
    before: EventFields | None = None
    after: EventFields
    conflicts: list[EventFields] = []
    restored: list[str] = []
    untrusted: ChangeWords = ChangeWords()


class EventSaved(Fields, frozen=True, kw_only=True):
    """`saved`: the change was made and nobody was told. Otherwise nothing was changed, and `changes` wait to be sent
    in this order. `lost` says what a series that is divided loses; `not_online`: it has no address to join by."""

    saved: bool = False
    changes: list[EventChange]
    lost: str = ""
    not_online: bool = False


class SentWords(Untrusted, frozen=True, kw_only=True):
    """The addresses that mail goes to."""

    told: list[str] = []


class EventSent(Fields, frozen=True, kw_only=True):
    """`done` is sent, accepted, tentatively accepted, declined or cancelled."""

    done: str
    id: str = ""
    event: EventFields | None = None
    not_online: bool = False
    untrusted: SentWords = SentWords()


class DeletedEvent(Fields, frozen=True, kw_only=True):
    """`organizer_not_told`: somebody else called the meeting, and event_send with decline tells them."""

    id: str
    organizer_not_told: bool = False


class EventsDeleted(Fields, frozen=True, kw_only=True):
    """Nobody was told of them."""

    deleted: list[DeletedEvent]
    failed: list[Failure] = []


def saved_fields(context: AnswerContext, result: Saved | Prepared) -> EventSaved:
    """What was saved, or what is prepared and how it is sent."""
    if isinstance(result, Prepared):
        changes = [_change_fields(context, shown, code=code) for code, shown in result.changes]
        return EventSaved(changes=changes, lost=words(result.lost))
    change = _change_fields(context, result.shown, after=event_fields(context, result.event))
    wants_online = bool(result.shown.body.get("isOnlineMeeting"))
    return EventSaved(
        saved=True,
        changes=[change],
        lost=words(result.lost),
        not_online=wants_online and not result.event.is_online_meeting,
    )


def sent_event_fields(context: AnswerContext, sent: Sent) -> EventSent:
    """What was done and who gets mail."""
    return EventSent(
        done=sent.what,
        id=context.handle(sent.event_id) if sent.event_id else "",
        event=event_fields(context, sent.event) if sent.event else None,
        not_online=sent.is_not_online,
        untrusted=SentWords(told=all_words(sent.told)),
    )


def deleted_fields(context: AnswerContext, deleted: Deleted) -> EventsDeleted:
    """What was deleted, and why others were not."""
    return EventsDeleted(
        deleted=[DeletedEvent(id=words(shown), organizer_not_told=theirs) for shown, theirs in deleted.done],
        failed=failures(context, deleted.failed),
    )


def _change_fields(
    context: AnswerContext, shown: Shown, *, code: str = "", after: EventFields | None = None
) -> EventChange:
    return EventChange(
        code=code,
        before=event_fields(context, shown.before) if shown.before else None,
        after=after or event_fields(context, shown.after),
        conflicts=[event_fields(context, item.event) for item in shown.conflicts],
        restored=list(shown.restored),
        untrusted=ChangeWords(
            invited=all_words(shown.invited),
            updated=all_words(shown.updated),
            called_off=all_words(shown.called_off),
            outside=all_words(shown.outside),
            never_written_to=all_words(shown.never_written_to),
        ),
    )
