"""What is tried of each operation besides faults of Microsoft Graph: arguments that are wrong, or name nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

UNKNOWN = "999999"


class Mistaken(NamedTuple):
    """Arguments that replace those of the operation; None takes one away."""

    wrong_argument: Mapping[str, Any]
    not_found: Mapping[str, Any] | None = None
    unknown_code: Mapping[str, Any] | None = None


_NO_MESSAGE = {"ids": [UNKNOWN]}
_CODE = {"ids": None, "confirm": "aaaabbbb"}

MISTAKEN: Mapping[str, Mistaken] = {
    "list": Mistaken({"folder": "nowhere"}, {"thread_of": UNKNOWN}),
    "search": Mistaken({"after": "someday"}, {"category": "No such category"}),
    "read one": Mistaken({"view": "short"}, _NO_MESSAGE),
    "folders": Mistaken({"below": "inbox"}, {"under": "nowhere"}),
    "attachment": Mistaken({"n": "first"}, {"n": "9"}),
    "changes": Mistaken({"since": "yesterday"}, {"folder": "nowhere"}),
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
    "automatic replies": Mistaken({"audience": "family"}),
    "new category": Mistaken({"color": "colourless"}),
    "place of a sender": Mistaken({"inbox": "left"}),
    "new rule": Mistaken({"when": "it is late"}),
    "deleted rule": Mistaken({"action": "remove"}, {"rule": "No such rule"}),
    "new folder": Mistaken({"folder": ""}),
    "renamed folder": Mistaken({"to": "a/b"}, {"folder": "nowhere"}),
    "deleted folder": Mistaken({"folder": "inbox"}, {"folder": "nowhere"}),
    "unsubscription by mail": Mistaken({"confirm": "aaaabbbb"}, {"id": UNKNOWN}),
}
