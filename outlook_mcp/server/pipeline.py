"""Every call that can reach Graph passes here once: caller, scope, sign-in, deadline, audit log, errors.

A change is put on record before it begins. Then the call runs; where a sign-in or a permission is missing its user is
asked, and it runs again. At its end there is one record of it, however it ended, and the answer or the error is worded
for the surface through which it came.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Generic, cast

import anyio
from mcp.server.mcpserver import Context
from mcp.types import InputRequiredResult
from starlette.requests import HTTPConnection

from outlook_mcp.answers.errors import error_text, explain_refusal
from outlook_mcp.answers.mailboxes import account_hint
from outlook_mcp.answers.remedies import message_for
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import (
    AccessDenied,
    AccessTokenRejected,
    ChangeIncomplete,
    ClaimsRequired,
    DeadlinePassed,
    OutcomeUnknown,
    OutlookError,
    Remedy,
    ScopeRequired,
    SignInError,
    SignInRequired,
)
from outlook_mcp.net.clock import seconds_since_boot
from outlook_mcp.net.request_id import REQUEST_ID_KEY, new_request_id, request_id_scope
from outlook_mcp.server.call_record import CallRecord
from outlook_mcp.server.services import Call, CallServices, Services
from outlook_mcp.server.settings import CallSettings
from outlook_mcp.server.sign_in import ask_to_sign_in, resume_sign_in
from outlook_mcp.server.subscription_bus import tell_of_a_change
from outlook_mcp.server.surfaces import Answer, Surface, request_meta, result_with_meta
from outlook_mcp.telemetry.events import McpCall, observers

Handler = Callable[[Call], Awaitable[Answer | InputRequiredResult]]
Incoming = Context[Services, Any]
_log = logging.getLogger(__name__)
_FINISHED = ("ok", "refused", "asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDescription:
    """What is called, by its name among those of its surface, and what it needs.

    `scope` is the one of ours that the caller's grant must hold, None for what reaches no mailbox. `account` is the
    mailbox that the caller names, `message_ids` are the messages. `after_deadline` is what to do when a change was
    stopped by its deadline.
    """

    name: str
    scope: str | None
    is_change: bool = False
    account: str | None = None
    message_ids: tuple[str, ...] = ()
    after_deadline: str = ""


class Pipeline:
    """Holds nothing of a user; one for a server."""

    def __init__(self, settings: CallSettings) -> None:
        self._settings = settings

    async def run(
        self, surface: Surface[Answer], described: CallDescription, context: Incoming, handler: Handler[Answer]
    ) -> Answer | InputRequiredResult:
        """The handler's answer, a question for the client's user, or the error in the words of the surface."""
        if (refusal := surface.unavailable(context)) is not None:
            return refusal
        request_id, begun = _request_id(context), seconds_since_boot()
        call = _Run(self._settings, surface, described, context, handler)
        with request_id_scope(request_id):
            try:
                answer = await call.to_its_end()
                if isinstance(answer, InputRequiredResult):
                    return result_with_meta(answer, request_meta())
                return surface.with_meta(answer, request_meta())
            finally:
                call.tell_observers(request_id, seconds_since_boot() - begun)


@dataclass(slots=True)
class _Run(Generic[Answer]):
    """The state of one call.

    `outcome` is ok, refused (wrong arguments), asked, cancelled, broken (a fault of ours) or the code of an error.
    """

    settings: CallSettings
    surface: Surface[Answer]
    described: CallDescription
    context: Incoming
    handler: Handler[Answer]
    services: Services = field(init=False)
    record: CallRecord = field(init=False)
    outcome: str = "broken"
    decision: str = "allowed"
    bytes_out: int = 0
    tenant: str = ""

    def __post_init__(self) -> None:
        self.services = self.context.request_context.lifespan_context
        self.record = CallRecord(self.described.message_ids)

    def tell_observers(self, request_id: str, seconds: float) -> None:
        """Metrics and traces get to know the tenant of the caller, and nothing else of the person."""
        for observer in observers():
            observer.call_ended(
                McpCall(
                    method=self.surface.method,
                    name=self.described.name,
                    outcome=self.outcome,
                    tenant=self.tenant,
                    seconds=seconds,
                    request_id=request_id,
                )
            )

    async def to_its_end(self) -> Answer | InputRequiredResult:
        failure: OutlookError | None = None
        note = ""
        try:
            if self.described.is_change:
                # Written first: what cannot be put on record is not done.
                await self._put_on_record(AuditTag.TOOL_STARTED, {})
            answer = await self._attempt_or_ask()
            self._note_answer(answer)
        except OutlookError as error:
            failure = error
            self._note_failure(error)
        except anyio.get_cancelled_exc_class():
            self.outcome = "cancelled"
            raise
        finally:
            # A call that was put on record when it began gets an ending there too, also when it is cancelled.
            with anyio.CancelScope(shield=True):
                note = await self._put_ending_on_record()
        if failure is not None:
            await self._explain(failure)
            told = self._told(failure)
            hint = account_hint(self.described.account, [told])
            text = " ".join(part for part in (self.record.heading, told, hint, note) if part)
            return self.surface.refused(failure, text)
        return answer if isinstance(answer, InputRequiredResult) else self._complete(answer, note)

    def _complete(self, answer: Answer, note: str) -> Answer:
        note = f"{account_hint(self.described.account, self.surface.texts(answer))} {note}".strip()
        if self.record.heading:
            answer = self.surface.with_heading(answer, self.record.heading, self.record.shared_mailbox)
        return self.surface.with_note(answer, note) if note else answer

    async def _attempt_or_ask(self) -> Answer | InputRequiredResult:
        question = await resume_sign_in(self.context, self.services.sign_ins, self.settings)
        if question is None:
            try:
                return await self._attempt()
            except (SignInRequired, ScopeRequired, AccessTokenRejected, AccessDenied) as refused:
                needed = await self._needed(refused)
                if needed is None or not self.surface.can_ask:
                    raise
            question = await ask_to_sign_in(
                self.context,
                self.services.sign_ins,
                needed,
                account=await self.services.account_to_sign_in(self.described.account),
                settings=self.settings,
                again=self.surface.again,
            )
        return question or await self._attempt()

    async def _attempt(self) -> Answer | InputRequiredResult:
        """Runs the handler once. Raises ScopeRequired before it, and DeadlinePassed when it takes too long."""
        if self.described.scope is not None:
            await self.services.require_scope(self.described.scope)
        services = CallServices(self.services, self.record)
        own: Any = replace(self.context.request_context, lifespan_context=cast(Any, services))
        try:
            with anyio.move_on_after(self.settings.deadline_s):
                return await self.handler(Context(request_context=own, mcp_server=self.context.mcp_server))
        finally:
            if self.described.is_change:
                await tell_of_a_change(self.context)
        raise self._deadline_passed()

    def _deadline_passed(self) -> DeadlinePassed:
        told = f"{self.described.name} took longer than {self.settings.deadline_s:g} seconds and was stopped."
        if not self.described.is_change:
            return DeadlinePassed(told)
        return DeadlinePassed(
            f"{told} The change may or may not have been made.",
            remedy=Remedy.LOOK_FIRST,
            next_step=self.described.after_deadline,
        )

    async def _needed(self, refused: OutlookError) -> SignInRequired | ScopeRequired | None:
        """What the user could do so that the call goes through; None when nothing of theirs would help."""
        if isinstance(refused, SignInRequired | ScopeRequired):
            return refused
        if isinstance(refused, AccessTokenRejected):
            # Graph refuses even a fresh token, so only a new sign-in can help.
            claims = refused.claims
            return ClaimsRequired(refused.message, claims) if claims else SignInRequired(refused.message)
        scope, account = self.described.scope, self.described.account
        if isinstance(refused, AccessDenied) and not refused.permission:
            return None
        if scope is not None and await self.services.lacks_permission(scope, account):
            return SignInRequired(refused.message)
        return None

    async def _explain(self, error: OutlookError) -> None:
        """Says of a permission that it is missing only when it was not granted."""
        refused = error.cause if isinstance(error, ChangeIncomplete) else error
        if not isinstance(refused, AccessDenied) or not refused.permission:
            return
        before = refused.next_step
        explain_refusal(refused, await self.services.is_granted(refused.permission, self.described.account))
        error.next_step = error.next_step.replace(before, refused.next_step)

    def _note_answer(self, answer: Answer | InputRequiredResult) -> None:
        if isinstance(answer, InputRequiredResult):
            self.outcome = self.decision = "asked"
        else:
            self.outcome = "ok" if self.surface.succeeded(answer) else "refused"
            self.bytes_out = self.surface.size_of(answer)

    def _note_failure(self, error: OutlookError) -> None:
        self.outcome = error.code
        if isinstance(error, SignInError) and not error.retryable:
            self.decision = "denied"
        if isinstance(error, OutcomeUnknown):
            self.record.sent(error.recipients)

    async def _put_ending_on_record(self) -> str:
        """Empty when it was written; else what to say of it: what was done stays done."""
        details: dict[str, str | int] = {"outcome": self.outcome, "decision": self.decision}
        if self.bytes_out:
            details["bytes"] = self.bytes_out
        try:
            await self._put_on_record(self._ending_tag(), details)
        except OutlookError as unrecorded:
            return f"Not on record: {self._told(unrecorded)}"
        return ""

    def _told(self, error: OutlookError) -> str:
        """The error in words for the caller; what they may not know about this server goes to its log."""
        if message_for(error, self.services.audience) != error.message:
            _log.warning("A %s call failed: %s", self.surface.kind, error.message)
        return error_text(error, self.services.audience)

    def _ending_tag(self) -> AuditTag:
        if self.outcome == OutcomeUnknown.code:
            return AuditTag.MAIL_SEND_UNKNOWN
        if self.record.recipients:
            return AuditTag.MAIL_SENT
        return self.surface.finished if self.outcome in _FINISHED else self.surface.failed

    async def _put_on_record(self, tag: AuditTag, details: dict[str, str | int]) -> None:
        caller = await self.services.known_caller()
        counts, personal = self.record.fields()
        plain: dict[str, str | int] = {self.surface.kind: self.described.name, **details, **counts}
        if caller is None:
            await self.services.audit.record(tag, None, plain)
            return
        self.tenant = caller.user.tid
        plain["session"] = caller.session.id
        if caller.session.client_id:
            plain["client"] = caller.session.client_id
        if self.described.account is not None:
            personal["account"] = self.described.account
        if name := caller.session.client_name or _client_name(self.context):
            personal["client_name"] = name
        await self.services.audit.record(tag, caller.user, plain, personal=personal)


def _request_id(context: Incoming) -> str:
    """The id that the web server gave the request; over stdio there is none, so a new one."""
    request = context.request_context.request
    given = request.scope.get(REQUEST_ID_KEY) if isinstance(request, HTTPConnection) else None
    return given or new_request_id()


def _client_name(context: Incoming) -> str:
    """What the client calls itself, which is no identity."""
    params = context.session.client_params
    return params.client_info.name if params else ""
