"""Free times of several people as fields."""

from __future__ import annotations

from datetime import datetime

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.fields import Fields, Untrusted, all_words, words
from outlook_mcp.calendar.finding import FoundTimes
from outlook_mcp.calendar.structured.events import FreeTime


class AgainstWords(Untrusted, frozen=True, kw_only=True):
    """The addresses of those whom something speaks against a time."""

    busy: list[str] = []
    perhaps_busy: list[str] = []
    outside_hours: list[str] = []
    lunch_or_focus: list[str] = []


class GoodTimeFields(Fields, frozen=True, kw_only=True):
    """A time that is long enough; with nobody in `untrusted` all are free."""

    start: datetime
    end: datetime
    untrusted: AgainstWords = AgainstWords()


class UnseenFields(Untrusted, frozen=True, kw_only=True):
    """Somebody whose calendar could not be seen, and why."""

    address: str
    why: str


class PeopleWords(Untrusted, frozen=True, kw_only=True):
    """The addresses: the user's is the first. Of those in `assumed` the working hours are not known."""

    people: list[str] = []
    unseen: list[UnseenFields] = []
    assumed: list[str] = []


class TimesFound(Fields, frozen=True, kw_only=True):
    """The best times of so many `minutes` first; `common` are the times in which all are free in working hours."""

    minutes: int
    best: list[GoodTimeFields]
    common: list[FreeTime] = []
    untrusted: PeopleWords


def free_times_fields(context: AnswerContext, found: FoundTimes) -> TimesFound:
    """The best times, then all that are good for everybody, then what is not known."""
    zone = context.zone
    return TimesFound(
        minutes=found.minutes,
        best=[
            GoodTimeFields(
                start=time.start.astimezone(zone),
                end=time.end.astimezone(zone),
                untrusted=AgainstWords(
                    busy=all_words(time.busy),
                    perhaps_busy=all_words(time.perhaps_busy),
                    outside_hours=all_words(time.outside_hours),
                    lunch_or_focus=all_words(time.kept),
                ),
            )
            for time in found.best
        ],
        common=[FreeTime(start=start.astimezone(zone), end=end.astimezone(zone)) for start, end in found.common],
        untrusted=PeopleWords(
            people=all_words(person.address for person in found.people),
            unseen=[
                UnseenFields(address=words(person.address), why=words(person.unseen))
                for person in found.people
                if person.unseen
            ],
            assumed=all_words(found.assumed),
        ),
    )
