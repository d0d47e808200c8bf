"""What an answer claims, and whether that is true."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from enum import Enum

MAY_OR_MAY_NOT = "may or may not"
_FAILED_LINE = re.compile(r"^(May or may not have been [^:]*:|Not changed) ([\d, ]+): ", re.MULTILINE)
_DONE_LINE = re.compile(
    r"^(?:Moved|Copied|Updated|Deleted)\b.*: (\d+(?: \((?:now|copy) \d+\))?(?:, .*)?)\.$", re.MULTILINE
)
_LOOK = re.compile(r"mail_search|mail_read|mail_folders|people_search|event_read|settings|rules")
_LEFT = re.compile(r"unfinished draft (\d+) is left")


class Claim(Enum):
    DONE = "done"
    NOT_DONE = "not done"
    OPEN = "open"


Claims = Mapping[str, Claim]


def claims_about_many(text: str, *, is_error: bool, parts: list[str]) -> Claims:
    """What is said of each of these messages, by id. Those that are not mentioned are missing."""
    if is_error:
        return dict.fromkeys(parts, _claim_of_error(text))
    claims: dict[str, Claim] = {}
    for line in _DONE_LINE.finditer(text):
        for handle in re.sub(r"\([^)]*\)", "", line[1]).split(","):
            claims[handle.strip()] = Claim.DONE
    for line in _FAILED_LINE.finditer(text):
        claim = Claim.NOT_DONE if line[1] == "Not changed" else Claim.OPEN
        claims |= {handle.strip(): claim for handle in line[2].split(",")}
    return claims


def claims_about_the_rest(text: str, *, is_error: bool, parts: list[str]) -> Claims:
    """The same where an answer names the messages that were not changed alone."""
    if is_error:
        return dict.fromkeys(parts, _claim_of_error(text))
    return {**dict.fromkeys(parts, Claim.DONE), **claims_about_many(text, is_error=False, parts=parts)}


def claims_about_one(text: str, *, is_error: bool, parts: list[str]) -> Claims:
    """What is said of a draft or a send: of the parts `draft` or `sent`, `subject`, and references of attachments."""
    if not is_error:
        return dict.fromkeys(parts, Claim.DONE)
    if _LEFT.search(text):
        return {"draft": Claim.DONE}
    if not text.startswith("Draft "):
        return dict.fromkeys(parts, _claim_of_error(text))
    claims = {"subject": Claim.DONE if "the rest is saved" in text else Claim.NOT_DONE}
    for part in parts:
        if part not in ("draft", "sent", "subject"):
            missed = Claim.OPEN if f"whether {part} is attached" in text else Claim.NOT_DONE
            claims[part] = Claim.DONE if f"{part} is attached;" in text else missed
    return {part: claim for part, claim in claims.items() if part in parts}


def _claim_of_error(text: str) -> Claim:
    return Claim.OPEN if MAY_OR_MAY_NOT in text else Claim.NOT_DONE


def objections(text: str, claims: Claims, state: Mapping[str, bool], *, may_leave_open: bool) -> Iterator[str]:
    """What the answer says wrong about `state`, which tells of each part whether it was done."""
    wrong: defaultdict[str, list[str]] = defaultdict(list)
    for part, was_done in state.items():
        claim = claims.get(part)
        if claim is None and not _LEFT.search(text):
            wrong["is not mentioned"].append(part)
        if claim is Claim.DONE and not was_done:
            wrong["is told as done, and was not"].append(part)
        if claim is Claim.NOT_DONE and was_done:
            wrong["is told as not done, and was"].append(part)
        if claim is Claim.OPEN and not may_leave_open:
            wrong["is left open, and a look would have shown it"].append(part)
    yield from (f"{' '.join(parts)} {what}" for what, parts in wrong.items())
    if Claim.OPEN in claims.values() and not _LOOK.search(text):
        yield "does not say with which tool to look"
    if MAY_OR_MAY_NOT in text and Claim.OPEN not in claims.values():
        yield f"says {MAY_OR_MAY_NOT!r} of what is known"
    if "Traceback" in text or "Error executing" in text:
        yield "is an error of ours"
