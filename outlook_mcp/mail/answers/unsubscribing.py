"""How one would be unsubscribed from a list, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.frame import framed, framed_words
from outlook_mcp.mail.answers.headers import sender_and_subject
from outlook_mcp.mail.unsubscribing.headers import UnsubscribeWays
from outlook_mcp.mail.unsubscribing.unsubscriber import PlannedUnsubscription, Unsubscription, Way
from outlook_mcp.text.characters import one_line

_ELSE = "Also possible: a rule for its sender (rules), moving it to junk, or the user opens a link of it."
_VOUCHED = {
    "yes": "A valid DKIM signature covers the header.",
    "no": "No valid DKIM signature covers the header, so it may be forged.",
    "unknown": "Whether a DKIM signature covers the header is not known.",
}


def unsubscription_answer(context: AnswerContext, done: PlannedUnsubscription | Unsubscription) -> str:
    """What would be done and the code for it, what is possible else, or what was done."""
    if isinstance(done, Unsubscription):
        if done.sent is not None:
            return f"The message that unsubscribes was sent to:\n{framed(', '.join(done.sent.recipients))}"
        return f"Asked {framed_words(one_line(done.host, 100))} to unsubscribe; it agreed (HTTP {done.status})."
    told = [sender_and_subject(done.message)]
    if not done.codes:
        return "\n".join([_why_not(done.ways), framed("\n".join([*told, *_page_lines(done.ways)])), _ELSE])
    told += [line for way in done.codes for line in _plan_lines(done.ways, way)]
    lead = "This call did nothing yet."
    if done.was_refused:
        lead = f"The code does not fit: it is of another message, or older than 10 minutes. {lead}"
    return "\n".join(
        [
            lead,
            framed("\n".join(told)),
            _VOUCHED[done.ways.vouched],
            f"Once the user agrees: {_calls(context.handle(done.message.id), done.codes)}.",
        ]
    )


def _calls(handle: str, codes: Mapping[Way, str]) -> str:
    calls = [f'unsubscribe(id="{handle}", confirm="{code}")' for code in codes.values()]
    return calls[0] if len(calls) == 1 else f"{calls[0]}; or by the message instead: {calls[1]}"


def _plan_lines(ways: UnsubscribeWays, way: Way) -> list[str]:
    if way == "one-click" and ways.one_click:
        parts = urlsplit(ways.one_click)
        return [f"Would post one request to {parts.hostname} (one-click, RFC 8058): {one_line(ways.one_click, 300)}"]
    mail = ways.mail
    if mail is None:
        return []
    return [
        f"Would send one message to {one_line(mail.to, 200)}",
        f"Subject: {one_line(mail.subject, 255) or 'unsubscribe'}",
        f"Text: {one_line(mail.body, 500) or 'unsubscribe'}",
    ]


def _why_not(ways: UnsubscribeWays) -> str:
    if not ways.has_header:
        return "This message has no List-Unsubscribe header, so nothing can be unsubscribed here. Nothing was done."
    reasons = list(ways.refused)
    if ways.one_click and ways.vouched == "no":
        reasons.append("a one-click address for which no valid DKIM signature vouches, so it may be forged")
    if ways.pages:
        reasons.append("a page that only a person may open")
    told = f": it names {'; '.join(reasons)}" if reasons else ""
    return f"This message cannot be unsubscribed by here{told}. Nothing was done."


def _page_lines(ways: UnsubscribeWays) -> list[str]:
    return [f"Page for the user: {one_line(page, 300)}" for page in ways.pages[:3]]
