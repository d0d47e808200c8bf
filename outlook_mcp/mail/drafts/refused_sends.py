"""What to say when a draft was certainly not sent: why, and what to do before trying again."""

from __future__ import annotations

from outlook_mcp.errors import AccessDenied, Conflict, GraphError, NotFound, OutlookError, RequestRejected

_NOTHING = "Nothing was sent."
_MEND = "correct it with draft_save, then send it again."
_TOO_LARGE = (
    "The message is larger than Exchange accepts: save a new draft with fewer or smaller attachments, or send a link."
)
_RECIPIENTS = f"The draft is kept. Look at its recipients with mail_read, {_MEND}"
# Exchange lets a mailbox that sends too much, or that it suspects of spam, send nothing for some time:
# https://learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits
_NOT_NOW = (
    "Exchange lets this mailbox send nothing more at the moment, so signing in again does not help. The draft is "
    "kept: send it tomorrow, or let the user ask their administrator."
)
_NOT_AS = (
    "This mailbox may send neither as the address in From nor on its behalf. The draft is kept: change it with "
    "draft_save, or let the owner of that mailbox or an administrator allow it. For another mailbox that the user "
    "connected, save the draft with its `account`."
)
_NOT_SHARED = (
    "Sending from another mailbox needs the permission Mail.Send.Shared, which is asked for at sign-in only with the "
    "setting SHARED_MAILBOXES. The draft is kept: change `from` with draft_save to send it from this mailbox."
)
_BY_CODE = {
    "errorsendasdenied": _NOT_AS,
    "errorinvalidrecipients": _RECIPIENTS,
    "errorinvalidrecipientsubtype": _RECIPIENTS,
    "errormessagesizeexceeded": _TOO_LARGE,
    "requestentitytoolarge": _TOO_LARGE,
    "errorexceededmessagelimit": _NOT_NOW,
    "errormessagesubmissionblocked": _NOT_NOW,
    "errormessagesubmissionquotaexceeded": _NOT_NOW,
    "errorsubmissionquotaexceeded": _NOT_NOW,
}


def refused_send(error: OutlookError, *, is_from_other: bool = False) -> OutlookError:
    """The error to raise in the place of `error`, after which nothing was sent.

    `is_from_other`: the draft comes from another address than the mailbox's own.
    """
    if isinstance(error, NotFound):
        # Without Graph's code, so that these words are shown whole.
        return NotFound(
            "The draft was not found in this mailbox, so this call sent nothing.",
            status=error.status,
            next_step=(
                'It may have been deleted, or sent already: look with mail_search(folder="drafts") and '
                'mail_search(folder="sent").'
            ),
        )
    if isinstance(error, GraphError):
        if _NOTHING not in error.message and "nothing was sent" not in error.message:
            error.message = f"{error.message} {_NOTHING}"
        _set_next_step(error, is_from_other=is_from_other)
    return error


def _set_next_step(error: GraphError, *, is_from_other: bool) -> None:
    step = _NOT_SHARED if is_from_other and error.graph_code.lower() == "erroraccessdenied" else ""
    step = step or _BY_CODE.get(error.graph_code.lower()) or (_TOO_LARGE if error.status == 413 else "")
    if step:
        error.next_step = step
        if isinstance(error, AccessDenied):
            error.permission = ""
    elif not error.next_step and isinstance(error, Conflict):
        error.next_step = "The draft is in use or was changed: look at it with mail_read, then send it again."
    elif not error.next_step and isinstance(error, RequestRejected):
        error.next_step = f"The draft is kept. If what Graph says is about the draft, {_MEND}"
