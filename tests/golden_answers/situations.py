"""What is tried of each operation besides faults of Microsoft Graph: arguments that are wrong, or name nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

UNKNOWN = "999999"
BOB = "bob@contoso.example"


class Mistaken(NamedTuple):
    """Arguments that replace those of the operation; None takes one away. `more` are situations of their own."""

    wrong_argument: Mapping[str, Any]
    not_found: Mapping[str, Any] | None = None
    unknown_code: Mapping[str, Any] | None = None
    wrong_calendar: Mapping[str, Any] | None = None
    more: Mapping[str, Mapping[str, Any]] = {}


_NO_MESSAGE = {"ids": [UNKNOWN]}
_CODE = {"ids": None, "confirm": "aaaabbbb"}

_OF_BOB = f"12:{BOB}"
_NIGHT = {"end": None, "zone": "Europe/Berlin"}

_OF_CALENDARS: Mapping[str, Mistaken] = {
    "list events": Mistaken(
        {"begin": "today"},
        {"text": "zebra"},
        wrong_calendar={"calendar": "Nowhere"},
        more={
            "no date": {"start": "someday"},
            "a period as in mail": {"start": "7d"},
            "not shared": {"calendar": BOB},
            "end before start": {"end": "2030-01-01"},
        },
    ),
    "read event": Mistaken(
        {"ids": []},
        {"ids": [UNKNOWN]},
        wrong_calendar={"ids": [_OF_BOB]},
        more={"no day": {"ids": ["12@260230"]}, "several not found": {"ids": [UNKNOWN, "888888", "12@260230"]}},
    ),
    "find a time": Mistaken(
        {"people": ["Nobody Known"]},
        {"people": ["nobody@contoso.example"]},
        more={"too long": {"end": "+90d"}, "over": {"start": "-9d", "end": "-8d"}},
    ),
    "create event": Mistaken(
        {"start": "someday"},
        more={
            "no start": {"start": None, "end": None},
            "end before start": {"end": "09:00"},
            "end of another kind": {"start": "2030-01-07"},
            "unknown zone": {"zone": "CET"},
            "hour that is skipped": {"start": "2030-03-31T02:30", **_NIGHT},
            "hour that comes twice": {"start": "2030-10-27T02:30", **_NIGHT},
            "rule that Outlook has not": {"repeat": "FREQ=HOURLY"},
            "start on no date of the rule": {"repeat": "FREQ=WEEKLY;BYDAY=TU"},
            "unknown person": {"attendees": ["Nobody Known"]},
            "unknown way to be shown": {"show_as": "perhaps"},
            "start and end in one": {"start": "2030-01-07 10:00-11:00", "end": None},
            "more than a day": {"start": "next week", "end": None},
            "a length by another name": {"minutes": 30, "end": None},
            "not shared": {"calendar": BOB},
        },
        wrong_calendar={"calendar": "Nowhere"},
    ),
    "change event": Mistaken(
        {"repeat": "sometimes"},
        {"id": UNKNOWN},
        wrong_calendar={"id": _OF_BOB},
        more={
            "nothing to change": {"subject": None},
            "zone alone": {"zone": "Europe/Berlin"},
            "no date of a series": {"from_here": True},
        },
    ),
    "delete event": Mistaken(
        {"ids": []},
        {"ids": [UNKNOWN]},
        wrong_calendar={"ids": [_OF_BOB]},
        more={"several not found": {"ids": [UNKNOWN, "888888"]}},
    ),
    "invite": Mistaken(
        {"action": "accept"}, {"id": "prepared-aaaaaaaa"}, more={"comment beside it": {"comment": "Hi"}}
    ),
    "change meeting": Mistaken({"proposed_start": "2030-01-08T10:00"}, {"id": "prepared-aaaaaaaa"}),
    "accept meeting": Mistaken(
        {"action": "maybe"},
        {"id": UNKNOWN},
        wrong_calendar={"id": _OF_BOB},
        more={
            "event as a prepared change": {"action": "send"},
            "cancelled by a guest": {"action": "cancel"},
            "accepted with another time": {"proposed_start": "2030-01-08T10:00"},
            "another time that is none": {"action": "decline", "proposed_start": "soon"},
        },
    ),
    "accept meeting perhaps": Mistaken({"action": "perhaps"}, {"id": UNKNOWN}, wrong_calendar={"id": _OF_BOB}),
    "propose another time": Mistaken(
        {"proposed_start": "soon"},
        {"id": UNKNOWN},
        wrong_calendar={"id": _OF_BOB},
        more={"over": {"proposed_start": "2020-01-08T10:00"}},
    ),
    "cancel meeting": Mistaken({"action": "accept"}, {"id": UNKNOWN}, wrong_calendar={"id": _OF_BOB}),
}
_OF_PEOPLE: Mapping[str, Mistaken] = {
    "create contact": Mistaken(
        {"emails": ["nobody"]}, {"folder": "Nowhere"}, more={"nothing": {"name": None, "emails": None}}
    ),
    "change contact": Mistaken(
        {"phones": ["fax +49 1"]},
        {"id": UNKNOWN},
        more={"nothing to change": {"job_title": None}, "another folder": {"folder": "Friends"}},
    ),
    "delete contact": Mistaken({"name": "Jo"}, {"id": UNKNOWN}),
    "search people": Mistaken({"name": "Jo"}, {"text": "zebra"}, more={"nothing": {"text": " "}}),
}

_OF_MANY: Mapping[str, Mistaken] = {
    "move many": Mistaken({"folder": "nowhere"}, {"ids": [UNKNOWN, "888888"]}, _CODE),
    "move what is found": Mistaken(
        {"folder": "nowhere"},
        {"where": {"subject": "No such subject"}, "confirm": None},
        {"where": None, "confirm": "aaaabbbb"},
        more={
            "unknown field": {"where": {"colour": "red"}, "confirm": None},
            "no time": {"where": {"after": "someday"}, "confirm": None},
            "empty": {"where": {}, "confirm": None},
        },
    ),
    "flag many": Mistaken({"due": "yesterday"}, {"ids": [UNKNOWN, "888888"]}, _CODE),
    "categorize many": Mistaken({"add_categories": [" "]}, {"ids": [UNKNOWN, "888888"]}, _CODE),
    "delete many": Mistaken({"where": {"from": "bob"}}, {"ids": [UNKNOWN, "888888"]}, _CODE),
    "erase many": Mistaken({"permanent": "perhaps"}, {"ids": [UNKNOWN, "888888"]}, _CODE),
    "emptied folder": Mistaken({"folder": "msgfolderroot"}, {"folder": "nowhere"}, {"confirm": "aaaabbbb"}),
}
_OF_DRAFTS: Mapping[str, Mistaken] = {
    "new draft with a file": Mistaken({"attach": ["12"]}, {"attach": [f"{UNKNOWN}/1"]}),
    "forward": Mistaken({"to": ["Nobody Known"]}, {"of": UNKNOWN}),
    "large file": Mistaken({"attach": ["12/first"]}, {"attach": [f"{UNKNOWN}/1"]}),
    "text file": Mistaken({"attach": [": without a name"]}, {"id": UNKNOWN}),
    "whole message": Mistaken({"attach": ["../me"]}, {"attach": [UNKNOWN]}),
    "send later": Mistaken({"at": "someday"}, {"draft": UNKNOWN}),
    "time of a send": Mistaken({"at": "friday"}, {"draft": UNKNOWN}),
}

_OF_SETTINGS: Mapping[str, Mistaken] = {
    "settings": Mistaken({"hours": "always"}),
    "automatic replies": Mistaken(
        {"audience": "family"},
        more={
            "no end": {"start": "2030-01-07"},
            "end before start": {"start": "2030-01-07", "end": "2030-01-01"},
            "end that is over": {"end": "2020-01-07"},
            "no time": {"end": "soon"},
            "start alone": {"auto_reply": None, "start": "2030-01-07"},
        },
    ),
    "end of automatic replies": Mistaken({"auto_reply": "perhaps"}),
    "working hours": Mistaken({"hours": "mon-fri 17:00-09:00"}),
    "language": Mistaken({"language": "German please"}),
    "time zone": Mistaken({"time_zone": "Europe/Berln"}),
    "signature": Mistaken({"signature": "x" * 20_001}),
    "new category": Mistaken({"color": "colourless"}, more={"colour alone": {"category": None}}),
    "colour of a category": Mistaken({"category": " "}),
    "deleted category": Mistaken({"color": "gone"}, {"category": "No such category"}),
    "place of a sender": Mistaken({"inbox": "left"}, more={"no address": {"sender": "Bob"}}),
    "other place of a sender": Mistaken({"inbox": None}),
    "sender left to Outlook": Mistaken({"sender": "Bob"}, {"sender": "nobody@list.example"}),
}
_OF_RULES: Mapping[str, Mistaken] = {
    "rules": Mistaken({"action": "show"}),
    "new rule": Mistaken(
        {"when": "it is late"},
        more={"nothing to do": {"do": None}, "unknown folder": {"do": "move to Nowhere"}, "no name": {"rule": " "}},
    ),
    "rule that forwards": Mistaken({"do": "forward to nobody"}, unknown_code={"confirm": "aaaabbbb"}),
    "changed rule": Mistaken({"do": "fly"}, more={"nothing to change": {"do": None}}),
    "rule switched off": Mistaken({"enabled": "perhaps"}),
    "deleted rule": Mistaken({"action": "remove"}, {"rule": "No such rule"}),
}
_OF_FOLDERS: Mapping[str, Mistaken] = {
    "new folder": Mistaken({"folder": ""}, more={"with a place": {"to": "archive"}}),
    "renamed folder": Mistaken({"to": "a/b"}, {"folder": "nowhere"}, more={"no name": {"to": None}}),
    "moved folder": Mistaken(
        {"to": None},
        {"folder": "nowhere"},
        more={"folder of Outlook": {"folder": "inbox"}, "no place": {"to": "nowhere"}},
    ),
    "deleted folder": Mistaken({"folder": "inbox"}, {"folder": "nowhere"}),
}

MISTAKEN: Mapping[str, Mistaken] = {
    "list": Mistaken({"folder": "nowhere"}, {"thread_of": UNKNOWN}),
    "search": Mistaken({"after": "someday"}, {"category": "No such category"}),
    "read one": Mistaken({"view": "short"}, _NO_MESSAGE),
    "folders": Mistaken({"below": "inbox"}, {"under": "nowhere"}),
    "attachment": Mistaken({"n": "first"}, {"n": "9"}),
    "changes": Mistaken({"since": "12345678"}, {"folder": "nowhere"}, more={"a time": {"since": "yesterday"}}),
    "export": Mistaken({"where": None}, {"where": {"folder": "nowhere"}}),
    "mark one": Mistaken({"reed": True}, _NO_MESSAGE, _CODE),
    "move one": Mistaken({"folder": "nowhere"}, _NO_MESSAGE, _CODE),
    "copy one": Mistaken({"junk": True}, _NO_MESSAGE, _CODE),
    "delete one": Mistaken({"where": {"from": "bob"}}, _NO_MESSAGE, _CODE),
    "erase one": Mistaken({"permanent": "perhaps"}, _NO_MESSAGE, _CODE),
    "new draft": Mistaken({"kind": "letter"}),
    "change of a draft": Mistaken({"to": ["Nobody Known"]}, {"id": UNKNOWN}),
    "reply": Mistaken({"subject": "x" * 300}, {"of": UNKNOWN}),
    "small file": Mistaken({"attach": ["12/first"]}, {"attach": [f"{UNKNOWN}/1"]}),
    "send": Mistaken({"check": "aaaabbbb"}, {"draft": UNKNOWN}),
    "take back": Mistaken({"at": "yesterday"}, {"draft": UNKNOWN}),
    "unsubscription by mail": Mistaken({"confirm": "aaaabbbb"}, {"id": UNKNOWN}),
    "read many": Mistaken({"view": "short"}, {"ids": [UNKNOWN, "888888"]}),
    "read thread": Mistaken({"thread": "perhaps"}, _NO_MESSAGE),
    "read source": Mistaken({"offset": -1}, _NO_MESSAGE),
    "list thread": Mistaken({"limit": 0}, {"thread_of": UNKNOWN}, more={"no cursor": {"cursor": "12345678"}}),
    "export one": Mistaken({"where": {"subject": "x"}}, _NO_MESSAGE),
    "unsubscription by one click": Mistaken({"confirm": "aaaabbbb"}, {"id": UNKNOWN}),
    **_OF_SETTINGS,
    **_OF_RULES,
    **_OF_FOLDERS,
    **_OF_MANY,
    **_OF_DRAFTS,
    **_OF_CALENDARS,
    **_OF_PEOPLE,
}
