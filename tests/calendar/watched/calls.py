"""One random call after another, in the name of three people, while requests fail now and then."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from mcp import Client

from outlook_mcp.sandbox import User
from outlook_mcp.sandbox.faults import Fault
from tests.answers import text_of
from tests.calendar.random_fields import random_fields
from tests.calendar.watched.mailboxes import Watched, attendees, who_has_to_hear
from tests.sending import prepared_in

READING = ("calendar_list", "event_read", "find_time", "people_search", "mail_search", "mail_read")
WRITING = ("event_save", "event_delete", "contact_save")
_MAILED = re.compile(r"^Mail goes to (.*?)(?: \(\d+ addresses\))?\.$", re.MULTILINE)
_FAULTS: tuple[dict[str, Any], ...] = (
    *({"status": status} for status in (429, 500, 503, 504, 412, 403)),
    *({"status": status, "carried_out": True} for status in (500, 503, 504)),
    *({"cut": cut} for cut in ("before", "after", "body")),
)
_MOST_EVENTS = 10


@dataclass
class Prepared:
    """A change that waits to be sent: `uid` of the meeting, "" of a new one, and how often somebody was told of it.

    `is_open` while an answer left open whether it was sent.
    """

    user: User
    uid: str
    was_sent: int = 0
    is_open: bool = False


@dataclass
class RandomCalls:
    """`tools` counts the calls, `mail` the messages that arrived."""

    clients: Mapping[str, Client]
    watched: Watched
    rng: random.Random
    prepared: dict[str, Prepared] = field(default_factory=dict)
    tools: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    mail: int = 0
    handles: dict[str, list[str]] = field(default_factory=dict)

    async def step(self) -> None:
        """Makes one call. Raises AssertionError when somebody hears of it who should not, or does not who should."""
        user = self.rng.choice(self.watched.users()[: len(self.clients)])
        tool = self.rng.choice((*READING, *WRITING, *["event_save"] * 4, *["event_send"] * 6))
        self.tools[tool] += 1
        self._break_something()
        await getattr(self, f"_{tool}" if tool in ("event_save", "event_send") else "_other")(user, tool)
        self.watched.sandbox.faults.replace_rules([])
        if max(len(self.watched.events_of(user)) for user in self.watched.users()) > _MOST_EVENTS:
            self.watched.empty_calendars()
            self.handles.clear()
            # Of the events and their transaction ids nothing is left by which an open one could be looked into.
            closed = [(code, prepared) for code, prepared in self.prepared.items() if not prepared.is_open]
            self.prepared = dict(closed[-10:])

    def _break_something(self) -> None:
        if self.rng.random() < 0.2:
            fault, times = self.rng.choice(_FAULTS), self.rng.choice((1, 1, 3))
            rules = [Fault(route="/v1.0/me/events*", method=method, times=times, **fault)
                     for method in ("POST", "PATCH", "DELETE")]  # fmt: skip
            if self.rng.random() < 0.2:
                rules.append(Fault(route="/v1.0/me/events*", method="GET", times=4, status=503))
            self.watched.sandbox.faults.replace_rules(rules)

    async def _call(self, user: User, tool: str, **arguments: Any) -> tuple[str, bool]:
        answer = await self.clients[user.upn].call_tool(tool, arguments)
        return text_of(answer), bool(answer.is_error)

    async def _told_nobody(self, tool: str, text: str) -> None:
        told, actions = await self.watched.look()
        assert (told, actions) == (Counter(), []), (tool, told, actions, text)

    async def _other(self, user: User, tool: str) -> None:
        arguments: dict[str, dict[str, Any]] = {
            "calendar_list": {"start": self._day(), "end": self.rng.choice(("+1d", "+7d")), "free_minutes": 30},
            "event_read": {"ids": [self._handle(user), self._handle(user)]},
            "find_time": {"people": [self.rng.choice(self.watched.users()).upn], "start": self._day(), "end": "+3d"},
            "people_search": {"text": self.rng.choice(("bob", "carol@contoso.example", "Nobody"))},
            "mail_search": {"text": self.rng.choice(("Review", "Canceled"))} if self.rng.random() < 0.5 else {},
            "mail_read": {"ids": [self.rng.choice(self.handles.get(f"mail {user.upn}") or ["1"])]},
            "event_delete": {"ids": [self._handle(user) for _ in range(self.rng.randrange(1, 3))]},
            "contact_save": {"name": "Eve Ender", "emails": [f"e{self.rng.random()}@x.example"]},
        }
        text, is_error = await self._call(user, tool, **arguments[tool])
        self.outcomes[f"{tool} {'error' if is_error else 'answer'}"] += 1
        if tool in ("calendar_list", "mail_search"):
            key = user.upn if tool == "calendar_list" else f"mail {user.upn}"
            found = re.findall(r"^(\d+(?:@\d{6})?) (?:\d\d:\d\d|all day|since)", text, re.MULTILINE)
            self.handles[key] = [*self.handles.get(key, []), *found][-20:]
        await self._told_nobody(tool, text)

    async def _event_save(self, user: User, tool: str) -> None:
        handle = self._handle(user) if self.rng.random() < 0.6 else None
        arguments = self._fields(handle)
        if handle is not None:
            arguments |= {"id": handle, "from_here": self.rng.random() < 0.15}
        text, is_error = await self._call(user, tool, **arguments)
        codes = prepared_in(text)
        self.outcomes[f"{tool} {'error' if is_error else 'prepared' if codes else 'saved'}"] += 1
        uid = self._uid_of(user, handle) if handle else ""
        for number, code in enumerate(codes):
            # Of two changes the first is a new series.
            self.prepared[code] = Prepared(user, "" if len(codes) > 1 and number == 0 else uid)
        await self._told_nobody(tool, text)

    async def _event_send(self, user: User, tool: str) -> None:
        if self.prepared and self.rng.random() < 0.65:
            # Used ones are tried again, and in the name of others.
            code = self.rng.choice(list(self.prepared)[-12:])
            prepared = self.prepared[code]
            await self._send(prepared.user if self.rng.random() < 0.9 else user, code, prepared)
        else:
            await self._answer(user, self.rng.choice(("accept", "tentative", "decline", "cancel")))

    async def _send(self, user: User, code: str, prepared: Prepared) -> None:
        owner = prepared.user
        before = {event.uid: event.fields for event in self.watched.events_of(owner)}
        text, is_error = await self._call(user, "event_send", id=code, action="send")
        told, actions = await self.watched.look()
        assert max(told.values(), default=0) <= 1, (told, text)
        assert actions == [], actions
        self._check_claim("send", text, told, is_error=is_error)
        prepared.was_sent += bool(told)
        prepared.is_open = "may or may not" in text
        assert prepared.was_sent <= 1, (code, text)
        assert user is owner or not told, (code, text)
        if told and not _is_of_a_date(prepared.uid, before, self.watched.event(owner, prepared.uid)):
            new = {event.uid: event.fields for event in self.watched.events_of(owner)}
            uid = prepared.uid or next(iter(new.keys() - before.keys()))
            wanted = who_has_to_hear(before.get(uid), new.get(uid)) - {owner.upn}
            assert set(told) == wanted, (told, wanted, text)

    async def _answer(self, user: User, action: str) -> None:
        invited = [event for event in self.watched.events_of(user) if not event.fields["isOrganizer"]]
        is_asked = bool(invited) and self.rng.random() < 0.6
        handle = str(self.rng.choice(invited).row["counter"]) if is_asked else self._handle(user)
        uid = self._uid_of(user, handle)
        before = self.watched.event(user, uid, _day_of(handle)) or {}
        said = {"comment": self.rng.choice(("Hello", "Sorry"))} if self.rng.random() < 0.5 else {}
        text, is_error = await self._call(user, "event_send", id=handle, action=action, **said)
        told, _ = await self.watched.look()
        assert max(told.values(), default=0) <= 1, (told, text)
        self._check_claim(action, text, told, is_error=is_error)
        if told:
            organizer = before["organizer"]["emailAddress"]["address"]
            assert set(told) == (attendees(before) - {user.upn} if action == "cancel" else {organizer}), (told, text)
        if told and action == "cancel" and "@" not in handle:
            for attendee in self.watched.users():
                left = self.watched.event(attendee, uid)
                assert left is None or left["isCancelled"], (attendee.upn, text)

    def _check_claim(self, action: str, text: str, told: Counter[str], *, is_error: bool) -> None:
        """Those to whom mail is said to go got it, and what is told as not sent was not."""
        self.mail += told.total()
        self.outcomes[f"{action} {'error' if is_error else 'answer'} {'told' if told else ''}"] += 1
        if not is_error:
            named = _MAILED.search(text)
            assert set(told) == set(named[1].split(", ") if named else ()), (told, text)
        elif "may or may not" not in text:
            assert not told, (told, text)

    def _uid_of(self, user: User, handle: str) -> str:
        counter = handle.partition("@")[0]
        return next((event.uid for event in self.watched.events_of(user) if str(event.row["counter"]) == counter), "")

    def _handle(self, user: User) -> str:
        """Of an event or a date of a series; now and then of none."""
        events = self.watched.events_of(user)
        listed = self.handles.get(user.upn)
        if listed and self.rng.random() < 0.5:
            return self.rng.choice(listed)
        return str(self.rng.choice(events).row["counter"]) if events else "999999"

    def _day(self) -> str:
        return f"2030-12-{self.rng.randrange(1, 29):02}"

    def _fields(self, handle: str | None) -> dict[str, Any]:
        people = [user.upn for user in self.watched.users()]
        invites = ["attendees"] if self.rng.random() < 0.5 else []
        always = ["subject", "start", *invites] if handle is None else []
        return random_fields(self.rng, self._day(), people, always=always)


def _day_of(handle: str) -> date | None:
    """The date of the series that a handle such as `4711@301224` names."""
    written = handle.partition("@")[2]
    return datetime.strptime(written, "%y%m%d").date() if written else None


def _is_of_a_date(uid: str, before: Mapping[str, Any], after: Mapping[str, Any] | None) -> bool:
    """Whether the series itself stayed: one of its dates was changed."""
    return bool(uid) and before.get(uid) == after
