"""What was saved, prepared, sent or deleted as fields."""

from __future__ import annotations

from dataclasses import replace

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.fields import Failure, Fields, Untrusted, all_words, failures, words
from outlook_mcp.calendar.changes.results import Deleted, Prepared, Saved, Sent, Shown
from outlook_mcp.calendar.structured.events import EventFields, event_fields


class ChangeWords(Untrusted, frozen=True, kw_only=True):
    """Addresses of those who get mail. `outside` are those of another organisation, `never_written_to` those to whom
    the user has not written lately, `booked` those of rooms that are taken at that time."""

    invited: list[str] = []
    updated: list[str] = []
    called_off: list[str] = []
    outside: list[str] = []
    never_written_to: list[str] = []
    booked: list[str] = []


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


class CalendarWords(Untrusted, frozen=True, kw_only=True):
    """The calendar, where it is not the default one of the user, and the address of the owner of somebody else's."""

    calendar: str = ""
    owner: str = ""


class EventSaved(Fields, frozen=True, kw_only=True):
    """`saved`: the change was made and nobody was told. Otherwise nothing was changed, and `changes` wait to be sent
    in this order. `lost` says what a series that is divided loses; `not_online`: it has no address to join by."""

    saved: bool = False
    changes: list[EventChange]
    lost: str = ""
    not_online: bool = False
    untrusted: CalendarWords = CalendarWords()


class SentWords(CalendarWords, frozen=True, kw_only=True):
    """The addresses that mail goes to, and the calendar as in what was saved."""

    told: list[str] = []


class EventSent(Fields, frozen=True, kw_only=True):
    """`done` is sent, accepted, tentatively accepted, declined or cancelled."""

    done: str
    id: str = ""
    event: EventFields | None = None
    not_online: bool = False
    untrusted: SentWords = SentWords()


class DeletedEvent(Fields, frozen=True, kw_only=True):
    """`organizer_not_told`: somebody else called the meeting, and event_send with decline tells them. `series`: it was
    one, and all its dates were deleted."""

    id: str
    series: bool = False
    organizer_not_told: bool = False


class EventsDeleted(Fields, frozen=True, kw_only=True):
    """Nobody was told of them."""

    deleted: list[DeletedEvent]
    failed: list[Failure] = []


def saved_fields(context: AnswerContext, result: Saved | Prepared | Sent) -> EventSaved:
    """What was saved, or what is prepared and how it is made."""
    if isinstance(result, Sent):
        after = event_fields(context, result.event) if result.event else EventFields()
        return EventSaved(saved=True, changes=[EventChange(after=after)], not_online=result.is_not_online)
    place = result.calendar
    is_own = place is None or not place.is_foreign
    context = context if place is None else replace(context, handles=place.ids)
    where = CalendarWords(calendar=words(place.name), owner=words(place.owner)) if place else CalendarWords()
    if isinstance(result, Prepared):
        changes = [_change_fields(context, shown, code=code, is_own=is_own) for code, shown in result.changes]
        return EventSaved(changes=changes, lost=words(result.lost), untrusted=where)
    after = event_fields(context, result.event, is_own=is_own)
    change = _change_fields(context, result.shown, after=after, is_own=is_own)
    wants_online = bool(result.shown.body.get("isOnlineMeeting"))
    return EventSaved(
        saved=True,
        changes=[change],
        lost=words(result.lost),
        not_online=wants_online and not result.event.is_online_meeting,
        untrusted=where,
    )


def sent_event_fields(context: AnswerContext, sent: Sent) -> EventSent:
    """What was done and who gets mail."""
    return EventSent(
        done=sent.what,
        id=context.handle(sent.event_id) if sent.event_id else "",
        event=event_fields(context, sent.event, is_own=not sent.mailbox) if sent.event else None,
        not_online=sent.is_not_online,
        untrusted=SentWords(told=all_words(sent.told), owner=words(sent.mailbox)),
    )


def deleted_fields(context: AnswerContext, deleted: Deleted) -> EventsDeleted:
    """What was deleted, and why others were not."""
    return EventsDeleted(
        deleted=[
            DeletedEvent(id=words(shown), series=shown in deleted.series, organizer_not_told=theirs)
            for shown, theirs in deleted.done
        ],
        failed=failures(context, deleted.failed),
    )


def _change_fields(
    context: AnswerContext, shown: Shown, *, code: str = "", after: EventFields | None = None, is_own: bool = True
) -> EventChange:
    return EventChange(
        code=code,
        before=event_fields(context, shown.before, is_own=is_own, text=shown.old_text) if shown.before else None,
        after=after or event_fields(context, shown.after, is_own=is_own, text=shown.text or ""),
        conflicts=[event_fields(context, item.event, is_own=is_own) for item in shown.conflicts],
        restored=list(shown.restored),
        untrusted=ChangeWords(
            invited=all_words(shown.invited),
            updated=all_words(shown.updated),
            called_off=all_words(shown.called_off),
            outside=all_words(shown.outside),
            never_written_to=all_words(shown.never_written_to),
            booked=all_words(shown.booked),
        ),
    )
