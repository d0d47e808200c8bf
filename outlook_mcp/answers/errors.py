"""Errors as a model reads them: what happened, why, and the next step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from outlook_mcp.answers.remedies import Audience, message_for, next_step
from outlook_mcp.errors import AccessDenied, ChangeIncomplete, GraphError, NotFound, OutlookError
from outlook_mcp.identity.scopes import SHARED
from outlook_mcp.text.characters import one_line

_LONGEST = 600
_FACTS = " (Graph: "
_Failed = TypeVar("_Failed")
# The next step may hold the address of a sign-in page, which is useless when cut.
_LONGEST_STEP = 4_000


def error_text(error: OutlookError, audience: Audience = Audience.REMOTE_CLIENT) -> str:
    """One line, right for every user unless `audience` says more; ends in what Microsoft's support can search for."""
    step = next_step(error, audience)
    if isinstance(error, NotFound) and error.graph_code:
        # Common, nothing that support would look into, and in a list of ids it may stand often.
        return f"It was not found in this mailbox. {step}"
    parts = [_sentence(message_for(error, audience), _LONGEST), _sentence(step, _LONGEST_STEP)]
    refused = error.cause if isinstance(error, ChangeIncomplete) else error
    if isinstance(refused, GraphError):
        if refused.retry_after_s:
            parts.append(f"Wait {refused.retry_after_s:.0f} s first.")
        facts = [one_line(fact, 80) for fact in (refused.graph_code, refused.request_id) if fact not in error.message]
        if facts:
            parts.append(f"{_FACTS.strip()} {', '.join(facts)})")
    return " ".join(part for part in parts if part)


def by_reason(failures: Iterable[tuple[_Failed, str]]) -> list[tuple[list[_Failed], str]]:
    """What failed for the same reason together, with the words of the first: those of error_text, which may end in what
    differs from request to request.

    >>> by_reason([(1, "Refused (429). (Graph: 7fa8)"), (2, "Gone."), (3, "Refused (429). (Graph: 11c0)")])
    [([1, 3], 'Refused (429). (Graph: 7fa8)'), ([2], 'Gone.')]
    """
    found: dict[str, tuple[list[_Failed], str]] = {}
    for failed, told in failures:
        reason = told.rpartition(_FACTS)[0] if told.endswith(")") and _FACTS in told else told
        found.setdefault(reason, ([], told))[0].append(failed)
    return list(found.values())


def explain_refusal(error: AccessDenied, is_granted: bool | None) -> None:
    """Sets the next step of a refusal by whether its permission was granted; leaves it where that is not known."""
    if not error.permission or is_granted is None:
        return
    if is_granted:
        error.next_step = (
            f"The permission {error.permission} was granted, so signing in again does not help: your organisation or "
            "the owner of the mailbox forbids it. Ask your administrator."
        )
        return
    accept = "sign in again and accept it"
    if error.permission.endswith(SHARED):
        # It is asked for only then.
        accept = f"let whoever runs this server set SHARED_MAILBOXES, then {accept}"
    error.next_step = f"The permission {error.permission} is missing: {accept}, or ask your administrator to grant it."


def _sentence(text: str, limit: int) -> str:
    text = one_line(text, limit)
    return text if not text or text[-1] in ".!?…:)" else text + "."
