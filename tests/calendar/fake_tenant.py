"""Calendars of one tenant in memory, as Microsoft Graph changes them, and the mail that each change makes.

It speaks JSON to the product's own Graph client, so only the network between them is missing.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from dateutil.rrule import rrulestr

from outlook_mcp.graph.recurrence import Recurrence
from tests.calendar.recurrence.test_dates import rule_of
from tests.calendar.usual_event import TO_JOIN, USUAL

QUIET = {"isReminderOn", "reminderMinutesBeforeStart", "categories"}
TIMES = {"start", "end", "isAllDay", "recurrence"}
RESPONSES = {"accept": "accepted", "tentativelyAccept": "tentativelyAccepted", "decline": "declined"}


@dataclass(frozen=True)
class Mail:
    """One message that a change sent. `of` is the meeting, `sequence` its version."""

    sender: str
    to: str
    kind: str
    of: str
    sequence: int


class Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass
class FakeTenant:
    """`requests` is the log of (user, method, path). `faults` happen to the next requests that write, in order.

    Nothing can be read while it `is_blind`, which it is from the next fault on where it `goes_blind`.
    """

    users: tuple[str, ...]
    makes_online: bool = True
    calendars: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    mail: list[Mail] = field(default_factory=list)
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    is_blind: bool = False
    goes_blind: bool = False
    _transactions: dict[tuple[str, str], str] = field(default_factory=dict)
    _numbers: int = 0

    def __post_init__(self) -> None:
        for user in self.users:
            self.calendars.setdefault(user, {})

    def add(self, user: str, **fields: Any) -> str:
        """An event of the user of which nobody hears."""
        event_id = self._new_id()
        self.calendars[user][event_id] = self._complete(user, event_id, fields)
        return event_id

    def carry_out(self, user: str, method: str, path: str, query: dict[str, str], body: Any, etag: str) -> Any:
        """The JSON of the answer. Raises Refused."""
        found = re.fullmatch(r"/me/(events|calendarView|messages)(?:/([^/]+))?(?:/(\w+))?", path)
        if found is None or found[1] == "messages":
            raise Refused(404, "ErrorItemNotFound")
        kind, event_id, step = found.groups()
        if kind == "calendarView":
            return {"value": self._view(user, query)}
        if event_id is None:
            return self._post(user, body) if method == "POST" else {"value": self._newest(user)}
        event = self._find(user, event_id)
        if step == "instances":
            begin, end = (datetime.fromisoformat(query[name]) for name in ("startDateTime", "endDateTime"))
            return {"value": [date for date in self._dates(event) if begin <= _moment(date["start"]) < end]}
        if step is not None:
            return self._act(user, event, step, body)
        if method == "GET":
            return event
        if etag and etag != event["@odata.etag"]:
            raise Refused(412, "ErrorIrresolvableConflict")
        return self._patch(user, event, body) if method == "PATCH" else self._delete(user, event, "")

    def _find(self, user: str, event_id: str) -> dict[str, Any]:
        calendar = self.calendars[user]
        if event_id in calendar:
            return calendar[event_id]
        master = calendar.get(event_id.partition("-")[0])
        for shown in self._dates(master) if master else ():
            if shown["id"] == event_id:
                return shown
        raise Refused(404, "ErrorItemNotFound")

    def _newest(self, user: str) -> list[dict[str, Any]]:
        return list(reversed(self.calendars[user].values()))

    def _view(self, user: str, query: dict[str, str]) -> list[dict[str, Any]]:
        begin, end = (datetime.fromisoformat(query[name]) for name in ("startDateTime", "endDateTime"))
        found = []
        for event in self.calendars[user].values():
            shown = list(self._dates(event)) if event["recurrence"] else [event]
            found += [item for item in shown if _moment(item["start"]) < end and begin < _moment(item["end"])]
        return sorted(found, key=lambda item: item["start"]["dateTime"])

    def _dates(self, master: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if not master["recurrence"]:
            return
        series = msgspec.convert(master["recurrence"], Recurrence)
        zone = ZoneInfo(_iana(master["originalStartTimeZone"]))
        start = _moment(master["start"]).astimezone(zone).replace(tzinfo=None)
        length = _moment(master["end"]) - _moment(master["start"])
        first = datetime.combine(series.range.first_day, start.time())
        for number, local in enumerate(rrulestr(rule_of(series), dtstart=first)):
            if number >= 400:
                return
            day = local.date().isoformat()
            if day in master["left_out"]:
                continue
            begin = local.replace(tzinfo=zone).astimezone(UTC)
            shown = {name: value for name, value in master.items() if name not in ("recurrence", "transactionId")}
            shown |= {
                "id": f"{master['id']}-{day.replace('-', '')}",
                "type": "occurrence",
                "seriesMasterId": master["id"],
                "recurrence": None,
                "originalStart": begin.isoformat(),
                "start": _json(begin),
                "end": _json(begin + length),
            }
            yield shown | master["changed"].get(day, {})

    def _post(self, user: str, body: dict[str, Any]) -> dict[str, Any]:
        key = (user, body.get("transactionId", ""))
        if key[1] and key in self._transactions:
            return self.calendars[user][self._transactions[key]]
        event_id = self._new_id()
        event = self.calendars[user][event_id] = self._complete(user, event_id, body)
        self._transactions[key] = event_id
        self._invite(user, event, _addresses(event), "invitation")
        return event

    def _complete(self, user: str, event_id: str, body: dict[str, Any]) -> dict[str, Any]:
        event = copy.deepcopy(USUAL) | {
            "id": event_id,
            "uid": event_id,
            "type": "singleInstance",
            "organizer": {"emailAddress": {"address": user}},
            "responseStatus": {"response": "organizer"},
            "sequence": 0,
            "left_out": [],
            "changed": {},
            "transactionId": body.get("transactionId"),
        }
        self._write(event, copy.deepcopy(body))
        return event

    def _write(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        for name, original in (("start", "originalStartTimeZone"), ("end", "originalEndTimeZone")):
            if name in body:
                event[original] = body[name]["timeZone"]
                body[name] = body[name] if body.get("isAllDay") else _json(_moment(body[name]))
        if body.get("isOnlineMeeting") and not self.makes_online:
            body["isOnlineMeeting"] = False
        event |= body
        if body.get("isOnlineMeeting"):
            # As Teams does.
            there = event.get("body") or {"contentType": "html", "content": ""}
            block = "" if "me-email-text" in there["content"] else TO_JOIN
            event["body"] = {**there, "content": there["content"] + block}
        if "recurrence" in body:
            event["type"] = "seriesMaster" if body["recurrence"] else "singleInstance"
        if TIMES & body.keys() and "left_out" in event:
            event["left_out"], event["changed"] = [], {}
        self._numbers += 1
        event["@odata.etag"] = f'W/"{self._numbers}"'

    def _patch(self, user: str, event: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        before = _addresses(event)
        body = copy.deepcopy(body)
        if event["type"] in ("occurrence", "exception"):
            master = self.calendars[user][event["seriesMasterId"]]
            self._write(event, body)
            day = datetime.fromisoformat(event["originalStart"]).astimezone(
                ZoneInfo(_iana(master["originalStartTimeZone"]))
            )
            kept = {name: event[name] for name in (*body, "start", "end", "@odata.etag")} | {"type": "exception"}
            master["changed"][day.date().isoformat()] = kept
            master["@odata.etag"] = event["@odata.etag"]
        else:
            self._write(event, body)
        if not event["isOrganizer"]:
            return event
        now = _addresses(event)
        new, gone = [a for a in now if a not in before], [a for a in before if a not in now]
        told = [a for a in now if a in before] if body.keys() - QUIET - {"attendees"} else []
        if new or gone or told:
            event["sequence"] += 1
            (self.calendars[user].get(event["id"]) or event)["sequence"] = event["sequence"]
        self._invite(user, event, new, "invitation")
        self._invite(user, event, told, "update")
        self._call_off(user, event, gone)
        return event

    def _delete(self, user: str, event: dict[str, Any], comment: str) -> None:
        if event.get("seriesMasterId"):
            master = self.calendars[user][event["seriesMasterId"]]
            master["left_out"].append(datetime.fromisoformat(event["originalStart"]).date().isoformat())
        else:
            del self.calendars[user][event["id"]]
        if event["isOrganizer"]:
            event["sequence"] += 1
            self._call_off(user, event, _addresses(event))

    def _act(self, user: str, event: dict[str, Any], step: str, body: dict[str, Any]) -> None:
        if step == "cancel":
            if not event["isOrganizer"]:
                raise Refused(400, "ErrorInvalidRequest")
            return self._delete(user, event, body.get("comment", ""))
        if event["isOrganizer"] or (body.get("sendResponse", True) and not event["responseRequested"]):
            raise Refused(400, "ErrorInvalidRequest")
        event["responseStatus"] = {"response": RESPONSES[step]}
        self._write(event, {})
        if step == "decline":
            self.calendars[user].pop(event["id"], None)
        organizer = event["organizer"]["emailAddress"]["address"]
        if body.get("sendResponse", True):
            self.mail.append(Mail(user, organizer, step, event["uid"], event["sequence"]))
            for theirs in self.calendars.get(organizer, {}).values():
                for person in theirs["attendees"] if theirs["uid"] == event["uid"] else ():
                    if person["emailAddress"]["address"].casefold() == user.casefold():
                        person["status"] = {"response": RESPONSES[step]}
        return None

    def _invite(self, user: str, event: dict[str, Any], people: list[str], kind: str) -> None:
        for address in people:
            self.mail.append(Mail(user, address, kind, event["uid"], event["sequence"]))
            calendar = self.calendars.get(address)
            if calendar is None or event.get("seriesMasterId"):
                continue
            theirs = next((item["id"] for item in calendar.values() if item["uid"] == event["uid"]), self._new_id())
            self._numbers += 1
            calendar[theirs] = copy.deepcopy(event) | {
                "id": theirs,
                "isOrganizer": False,
                "responseStatus": {"response": "notResponded"},
                "showAs": "tentative",
                "transactionId": None,
                "@odata.etag": f'W/"{self._numbers}"',
            }

    def _call_off(self, user: str, event: dict[str, Any], people: list[str]) -> None:
        for address in people:
            self.mail.append(Mail(user, address, "called off", event["uid"], event["sequence"]))
            for item in self.calendars.get(address, {}).values():
                if item["uid"] == event["uid"] and not event.get("seriesMasterId"):
                    item["isCancelled"] = True

    def _new_id(self) -> str:
        self._numbers += 1
        return f"AAMkEvent{self._numbers}"


def _addresses(event: dict[str, Any]) -> list[str]:
    own = event["organizer"]["emailAddress"]["address"].casefold()
    found = [person["emailAddress"].get("address", "") for person in event["attendees"]]
    return [address for address in found if address.casefold() != own]


def _moment(value: dict[str, str]) -> datetime:
    return (
        datetime.fromisoformat(value["dateTime"][:19])
        .replace(tzinfo=ZoneInfo(_iana(value["timeZone"])))
        .astimezone(UTC)
    )


def _iana(name: str) -> str:
    return {"W. Europe Standard Time": "Europe/Berlin"}.get(name, name)


def _json(moment: datetime) -> dict[str, str]:
    return {"dateTime": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}
