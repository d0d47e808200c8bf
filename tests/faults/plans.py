"""The ways in which Microsoft Graph can fail, as rules for the fault injection of the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from outlook_mcp.sandbox.faults import Fault


@dataclass(frozen=True, kw_only=True)
class Target:
    """The requests that make one change.

    `outer` is the path of the HTTP request, `inner` that of the change itself: they differ when it travels in a batch.
    `skipped` requests of that method and path come before the change, such as the batches that read.
    """

    method: str
    inner: str
    outer: str = ""
    skipped: int = 0

    def whole(self, *, skip: int = 0, **fault: Any) -> Fault:
        """A fault of the HTTP request; `skip` counts requests from the first that changes something."""
        method = "POST" if self.outer else self.method
        return Fault(route=self.outer or self.inner, method=method, skip=self.skipped + skip, **fault)

    def part(self, **fault: Any) -> Fault:
        """A fault of single changes, inside a batch where they travel in one."""
        return Fault(route=self.inner, method=self.method, **fault)


Rules = Callable[[Target], list[Fault]]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`is_blind`: the mailbox cannot be looked at afterwards, so an answer may leave open what was done.

    `needs_deadline`: the server gives up early. `needs_many`: it is a fault of some of several requests.

    `says` is what an answer that tells of the failure contains. `is_over_soon`: reads are tried again, and succeed.
    """

    rules: Rules
    is_blind: bool = False
    needs_deadline: bool = False
    needs_many: bool = False
    says: str = ""
    is_over_soon: bool = False

    def fits(self, target: Target) -> bool:
        """Whether the fault can happen to these requests."""
        return bool(target.outer) or not self.needs_many


def _error(code: str, message: str = "Refused.") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def _once(*, is_over_soon: bool = False, **fault: Any) -> Plan:
    return Plan(rules=lambda target: [target.whole(times=1, **fault)], is_over_soon=is_over_soon)


def _always(*, says: str = "", **fault: Any) -> Plan:
    return Plan(rules=lambda target: [target.whole(**fault)], says=says)


def _second(**fault: Any) -> Plan:
    return Plan(rules=lambda target: [target.whole(skip=1, times=1, **fault)], needs_many=True)


def _some_parts(*, is_over_soon: bool = False, **fault: Any) -> Plan:
    return Plan(
        rules=lambda target: [target.part(skip=1, times=3, **fault)], needs_many=True, is_over_soon=is_over_soon
    )


# From the change on, every request to read a message, a folder, a contact or several of them in a batch fails.
def _unseen(change: Fault, target: Target) -> list[Fault]:
    later = [Fault(route="/v1.0/$batch", skip=target.skipped + 1, status=503)] if target.outer else []
    return [change, *later]


def _reads(target: Target, *, skip: int) -> list[Fault]:
    read = "/v1.0/me/contacts*" if "/contacts" in target.inner else "/v1.0/me/m*"
    return [Fault(route=read, method="GET", skip=skip, status=503, headers=_SOON)]


_SOON = {"Retry-After": "0"}
_LATE = {"Retry-After": "3600"}

PLANS: Mapping[str, Plan] = {
    "429, try again at once": _once(is_over_soon=True, status=429, headers=_SOON),
    "429 for an hour": _always(status=429, headers=_LATE),
    "429 without a time, always": _always(status=429),
    "429 on the second request": _second(status=429, headers=_LATE),
    "500": _once(status=500),
    "502 with a page of a gateway": _once(status=502, body="<html>Bad gateway</html>"),
    "503, try again at once": _once(is_over_soon=True, status=503, headers=_SOON),
    "503 always": _always(status=503),
    "504 before the work": _once(is_over_soon=True, status=504),
    "504 after the work": _once(status=504, carried_out=True),
    "500 after the work": _once(status=500, carried_out=True),
    "closed before the work": _once(is_over_soon=True, cut="before"),
    "closed after the work": _once(is_over_soon=True, cut="after"),
    "answer cut in the middle": _once(cut="body"),
    "no JSON, no work": _once(status=200, body="<html>Sign in to the hotel network</html>"),
    "no JSON after the work": _once(status=200, body="{", carried_out=True),
    "empty, no work": _once(status=200, body=""),
    "empty after the work": _once(status=200, body="", carried_out=True),
    "object without fields, no work": _once(status=200, body={}),
    "object without fields after the work": _once(status=200, body={}, carried_out=True),
    "error under status 200, no work": _once(status=200, body=_error("ErrorInternalServerTransientError")),
    "410": _always(status=410),
    "429 with a time that is over": _once(
        is_over_soon=True, status=429, headers={"Retry-After": "Sat, 28 Nov 2020 10:00:00 GMT"}
    ),
    "parts with HTML after the work": _some_parts(status=200, body="<html>", carried_out=True),
    "redirect": _once(status=302, headers={"Location": "https://example.test/"}),
    "401 once": _once(is_over_soon=True, status=401),
    "401 always": _always(status=401),
    "403": _always(status=403, says="forbids it"),
    "403 of a policy": _always(
        says="A policy of the organisation",
        status=403,
        body=_error("ErrorAccessDenied", "Access to OData is disabled: [RAOP] : Blocked by tenant policy."),
    ),
    "403 server not online": _always(says="is not online", status=403, body=_error("ErrorExchangeServerNotOnline")),
    "404": _once(status=404),
    "409": _once(status=409, body=_error("ErrorIrresolvableConflict")),
    "412": _once(status=412, body=_error("ErrorIrresolvableConflict")),
    "413": _once(status=413, body=_error("RequestEntityTooLarge")),
    "423": _once(status=423, body=_error("Locked")),
    "507 mailbox full": _once(status=507, body=_error("ErrorQuotaExceeded")),
    "no answer, no work": Plan(
        rules=lambda target: [target.whole(times=1, delay_s=3, cut="before")], is_blind=True, needs_deadline=True
    ),
    "no answer after the work": Plan(
        rules=lambda target: [target.whole(times=1, answer_delay_s=3)], is_blind=True, needs_deadline=True
    ),
    "503 on the second request": _second(status=503),
    "second request closed after the work": _second(cut="after"),
    "second request closed before the work": _second(cut="before"),
    "403 on the second request": _second(status=403),
    "some parts 403": _some_parts(status=403),
    "some parts 429": _some_parts(is_over_soon=True, status=429, headers=_SOON),
    "some parts 429 for an hour": _some_parts(status=429, headers=_LATE),
    "some parts 503": _some_parts(is_over_soon=True, status=503),
    "some parts 503 after the work": _some_parts(status=503, carried_out=True),
    "parts 429, 503, 404 and 500": Plan(
        rules=lambda target: [
            target.part(times=1, status=429, headers=_LATE),
            target.part(times=1, status=503),
            target.part(times=1, status=404),
            target.part(times=1, status=500, carried_out=True),
        ]
    ),
    "closed after the work, then no look": Plan(
        rules=lambda target: [*_unseen(target.whole(times=1, cut="after"), target), *_reads(target, skip=1)],
        is_blind=True,
    ),
    "503, then no look": Plan(
        rules=lambda target: [*_unseen(target.whole(times=1, status=503), target), *_reads(target, skip=1)],
        is_blind=True,
    ),
    "last read fails": Plan(rules=lambda target: _reads(target, skip=1), is_blind=True),
    "every read fails": Plan(rules=lambda target: _reads(target, skip=0), is_blind=True),
}
