"""Every error this package raises on purpose.

* OutlookError
  - ConfigurationError       a setting is wrong; names the setting, what was read, what is expected
    - ServerFileError        a setting names a file or a store that cannot be used
  - InvalidInput             an argument is wrong
  - ServerBusy               too much is under way at this moment (retryable)
  - SendQuotaExceeded        the user has sent as much as one user may in an hour
  - HeldSendStopped          a held message was not sent: it may not be any more, or another server has it
  - DeadlinePassed           the call took too long and was stopped
  - SiteRefused              a site that is not of Microsoft refused a request, or cannot be reached
  - ChangeIncomplete         a part of a change was made, and the rest was not
  - SignInError
    - SignInRequired         nobody is signed in, or the sign-in has ended
      - ClaimsRequired       the next sign-in must satisfy claims that Microsoft asks for
    - SignInRefused          the user or Microsoft said no during sign-in
    - AdministratorRequired  only an administrator can grant what is missing
    - SignInUnavailable      Entra ID or another issuer cannot sign anybody in now (retryable)
    - ScopeRequired          the client was not granted what the call needs
  - VaultError
    - KeyMismatch            the key does not open this vault
    - RecordBroken           a record is not sealed for this owner, or was altered
    - GenerationConflict     somebody else wrote the record first (retryable)
    - StoreUnavailable       the store is locked, full or unreachable (retryable)
  - AuditError
    - AuditUnavailable       the log cannot be written
    - AuditBroken            the chain does not verify
  - GraphError               Microsoft Graph refused; carries status, code and request id
    - RequestRejected        400 and 422
    - AccessTokenRejected    401
    - AccessDenied           403
    - MailboxUnavailable     no licence or no Exchange Online mailbox
    - NotFound               404 and 410
    - Conflict               409, 412 and 423
    - Throttled              429 (retryable)
    - GraphUnavailable       5xx, no connection, deadline (retryable)
    - AnswerUnreadable       empty, truncated, oversized or non-JSON answer (retryable)
    - OutcomeUnknown         a send was cut off; it may or may not have happened
"""

from __future__ import annotations

from typing import ClassVar

from outlook_mcp.errors.remedy import Remedy as Remedy

NOTHING_CHANGED = "Nothing was changed."


class OutlookError(Exception):
    """What happened, a short stable `code`, and the `remedy`.

    `next_step` is a sentence that says more than the remedy can, such as which permission is missing, and stands in
    the place of its words; "" where nothing more is known. `remote_message` is for readers who do not administer the
    server: it says what happened without the files and hosts that `message` may name.
    """

    code: ClassVar[str] = "outlook_error"
    default_remedy: ClassVar[Remedy] = Remedy.NONE
    default_remote_message: ClassVar[str] = ""
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, remedy: Remedy | None = None, next_step: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = self.default_remedy if remedy is None else remedy
        self.next_step = next_step or ""

    @property
    def remote_message(self) -> str:
        return self.default_remote_message or self.message

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".strip()


class ConfigurationError(OutlookError):
    code = "configuration"
    default_remedy = Remedy.CORRECT_SETTING


class ServerFileError(ConfigurationError):
    default_remote_message = "The configuration of this server is wrong."


class InvalidInput(OutlookError):
    code = "invalid_input"
    default_remedy = Remedy.CORRECT_ARGUMENT


class ServerBusy(OutlookError):
    code = "server_busy"
    default_remedy = Remedy.RETRY
    retryable = True


class SendQuotaExceeded(OutlookError):
    code = "send_quota"


class HeldSendStopped(OutlookError):
    """A message that this server held was not sent, because it may not be any more or another server has it."""

    code = "held_send_stopped"


class DeadlinePassed(OutlookError):
    code = "deadline_passed"
    default_remedy = Remedy.RETRY_WITH_LESS


class SiteRefused(OutlookError):
    code = "site_refused"


class ChangeIncomplete(OutlookError):
    """`told` says what was made, `cause` why the rest was not; its next step may stand in the one of this error."""

    code = "change_incomplete"

    def __init__(self, told: str, cause: OutlookError, *, next_step: str | None = None) -> None:
        told = f"{told} {cause.message.replace(NOTHING_CHANGED, '').strip()}"
        super().__init__(told, remedy=cause.remedy, next_step=next_step or cause.next_step)
        self.cause = cause


class SignInError(OutlookError):
    code = "sign_in"


class SignInRequired(SignInError):
    code = "sign_in_required"
    default_remedy = Remedy.SIGN_IN


class ClaimsRequired(SignInRequired):
    """`claims` is JSON as Microsoft sent it, to be handed to the next sign-in."""

    def __init__(self, message: str, claims: str) -> None:
        super().__init__(message)
        self.claims = claims


class SignInRefused(SignInError):
    code = "sign_in_refused"
    default_remedy = Remedy.SIGN_IN_AND_ACCEPT


class AdministratorRequired(SignInError):
    code = "administrator_required"
    default_remedy = Remedy.ASK_ADMINISTRATOR


class SignInUnavailable(SignInError):
    code = "sign_in_unavailable"
    default_remedy = Remedy.RETRY_SIGN_IN
    retryable = True


class ScopeRequired(SignInError):
    """`scope` is the one of ours that the grant lacks."""

    code = "scope_required"
    default_remedy = Remedy.GRANT_SCOPE

    def __init__(self, message: str, *, scope: str, remedy: Remedy | None = None, next_step: str | None = None) -> None:
        super().__init__(message, remedy=remedy, next_step=next_step)
        self.scope = scope


class VaultError(OutlookError):
    code = "vault"


class KeyMismatch(VaultError):
    code = "vault_key_mismatch"
    default_remedy = Remedy.USE_VAULT_KEY
    default_remote_message = "This server cannot open its store."


class RecordBroken(VaultError):
    code = "vault_record_broken"
    default_remedy = Remedy.REPLACE_RECORD


class GenerationConflict(VaultError):
    code = "vault_generation_conflict"
    default_remedy = Remedy.READ_AGAIN
    retryable = True


class StoreUnavailable(VaultError):
    code = "vault_unavailable"
    default_remedy = Remedy.CHECK_STORE
    default_remote_message = "This server cannot use its store at the moment."
    retryable = True


class AuditError(OutlookError):
    code = "audit"


class AuditUnavailable(AuditError):
    code = "audit_unavailable"
    default_remedy = Remedy.CHECK_AUDIT_LOG
    default_remote_message = "The audit log of this server cannot be written."


class AuditBroken(AuditError):
    code = "audit_broken"
    default_remedy = Remedy.COMPARE_AUDIT_LOG
    default_remote_message = "The audit log of this server was altered."


class GraphError(OutlookError):
    """An answer of Microsoft Graph: `status` is the HTTP status (0 when there was no answer)."""

    code = "graph"

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        graph_code: str = "",
        request_id: str = "",
        retry_after_s: float | None = None,
        outcome_is_known: bool = True,
        remedy: Remedy | None = None,
        next_step: str | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy, next_step=next_step)
        # False when a change may or may not have been made.
        self.outcome_is_known = outcome_is_known
        self.status = status
        self.graph_code = graph_code
        self.request_id = request_id
        self.retry_after_s = retry_after_s


class RequestRejected(GraphError):
    code = "request_rejected"
    default_remedy = Remedy.CORRECT_ARGUMENT


class AccessTokenRejected(GraphError):
    """`claims` are what Graph asks of the next sign-in, still encoded; "" when it asks for none."""

    code = "access_token_rejected"
    default_remedy = Remedy.SIGN_IN
    claims: str = ""


class AccessDenied(GraphError):
    """`permission` is the one that the request needs; "" when no permission would help."""

    code = "access_denied"
    default_remedy = Remedy.GRANT_PERMISSION
    permission: str = ""


class MailboxUnavailable(GraphError):
    code = "mailbox_unavailable"
    default_remedy = Remedy.OBTAIN_MAILBOX


class NotFound(GraphError):
    code = "not_found"
    default_remedy = Remedy.SEARCH_AGAIN


class Conflict(GraphError):
    code = "conflict"
    default_remedy = Remedy.READ_AGAIN


class Throttled(GraphError):
    code = "throttled"
    default_remedy = Remedy.RETRY_WITH_LESS
    retryable = True


class GraphUnavailable(GraphError):
    code = "graph_unavailable"
    default_remedy = Remedy.RETRY
    retryable = True


class AnswerUnreadable(GraphError):
    code = "answer_unreadable"
    default_remedy = Remedy.RETRY_WITH_LESS
    retryable = True


class OutcomeUnknown(GraphError):
    """`recipients` are the addresses that the message may have gone to."""

    code = "outcome_unknown"
    default_remedy = Remedy.LOOK_FOR_SENT
    recipients: tuple[str, ...] = ()
