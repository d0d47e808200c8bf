"""Asking the user to sign in to Microsoft in the middle of a call, in whichever way the client can be asked."""

from __future__ import annotations

from typing import Any, Protocol

import anyio
from mcp.server.mcpserver import Context
from mcp.types import ElicitRequest, ElicitRequestURLParams, ElicitResult, InputRequiredResult

from outlook_mcp.errors import ScopeRequired, SignInError, SignInRefused, SignInRequired
from outlook_mcp.server.settings import CallSettings

QUESTION = "microsoft_sign_in"
MODERN = "2026-07-28"
MESSAGE = "Sign in to Microsoft so that your mailbox can be opened."


class SignInInProgress(Protocol):
    """A sign-in that was started. Its `id` is no secret: the client gets it. The user opens `url` in a browser.

    `link` leads there in at most 60 tokens, for a model that hands it on.
    """

    @property
    def id(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def link(self) -> str: ...
    async def has_ended(self) -> bool:
        """Whether it has succeeded or failed."""

    async def wait(self) -> object:
        """Returns when the user has signed in; raises SignInError when that failed."""


class SignIns(Protocol):
    """Starts sign-ins of the caller and finds them again."""

    async def begin_sign_in(self, needed: SignInError, account: str | None) -> SignInInProgress:
        """A sign-in of the caller that gives what is `needed`: the one in progress or just ended, else a new one.

        It is for the mailbox that the caller calls `account`, None meaning their default one.
        """

    async def find_sign_in(self, sign_in_id: str) -> SignInInProgress | None:
        """The caller's own sign-in of this id; None when it is unknown or has expired."""


async def resume_sign_in(
    context: Context[Any, Any], sign_ins: SignIns, settings: CallSettings
) -> InputRequiredResult | None:
    """In a call that brings the answer to our question: waits for the sign-in, and asks again while it is open.

    Raises SignInError when the user declined or the sign-in failed.
    """
    answer = (context.input_responses or {}).get(QUESTION)
    if not isinstance(answer, ElicitResult):
        return None
    if answer.action != "accept":
        raise SignInRefused("The user declined to sign in to Microsoft.")
    sign_in = await sign_ins.find_sign_in(context.request_state or "")
    if sign_in is None or await _signed_in_within(sign_in, settings.sign_in_round_s):
        return None
    return _question(sign_in, MESSAGE)


async def ask_to_sign_in(
    context: Context[Any, Any],
    sign_ins: SignIns,
    needed: SignInRequired | ScopeRequired,
    *,
    account: str | None,
    settings: CallSettings,
    again: str,
) -> InputRequiredResult | None:
    """None once the user has done what is `needed`; a question to hand to the client otherwise.

    `again` is what the caller does after it, such as "call the tool again".

    Raises SignInError when the user declines or the sign-in fails, and `needed` with a link when the client cannot ask.
    """
    sign_in = await sign_ins.begin_sign_in(needed, account)
    if await sign_in.has_ended():
        await sign_in.wait()
        return None
    if not _can_open_urls(context):
        raise _with_link(needed, sign_in, again)
    if (context.protocol_version or "") >= MODERN:
        return _question(sign_in, _message(needed))
    if not context.session.can_send_request:
        raise _with_link(needed, sign_in, again)
    await _ask_legacy(context, sign_in, _message(needed), settings.sign_in_legacy_s, again)
    return None


def _message(needed: SignInError) -> str:
    return needed.message if isinstance(needed, ScopeRequired) else MESSAGE


def _question(sign_in: SignInInProgress, message: str) -> InputRequiredResult:
    question = ElicitRequest(params=ElicitRequestURLParams(message=message, url=sign_in.url))
    return InputRequiredResult(input_requests={QUESTION: question}, request_state=sign_in.id)


def _with_link(needed: SignInRequired | ScopeRequired, sign_in: SignInInProgress, again: str) -> SignInError:
    if isinstance(needed, ScopeRequired):
        next_step = f"Ask the user to open {sign_in.link} and allow it, then {again}."
        return ScopeRequired(needed.message, scope=needed.scope, next_step=next_step)
    next_step = f"Ask the user to open {sign_in.link} and sign in, then {again}."
    return SignInRequired(needed.message, next_step=next_step)


def _can_open_urls(context: Context[Any, Any]) -> bool:
    capabilities = context.client_capabilities
    return bool(capabilities and capabilities.elicitation and capabilities.elicitation.url is not None)


async def _ask_legacy(
    context: Context[Any, Any], sign_in: SignInInProgress, message: str, seconds: float, again: str
) -> None:
    answer = await context.elicit_url(message, sign_in.url, elicitation_id=sign_in.id)
    if answer.action != "accept":
        raise SignInRefused("The user declined to sign in to Microsoft.")
    if not await _signed_in_within(sign_in, seconds):
        raise SignInRequired("The sign-in is not finished yet.", next_step=f"Finish it, then {again}.")
    await context.session.send_elicit_complete(sign_in.id)


async def _signed_in_within(sign_in: SignInInProgress, seconds: float) -> bool:
    with anyio.move_on_after(seconds):
        await sign_in.wait()
        return True
    return False
