"""Every error this package raises on purpose.

* OutlookError
  - ConfigurationError       a setting is wrong; names the setting, what was read, what is expected
  - InvalidInput             a tool argument is wrong
  - ServerBusy               too much is under way at this moment (retryable)
  - SignInError
    - SignInRequired         nobody is signed in, or the sign-in has ended
    - SignInRefused          the user or Microsoft said no during sign-in
    - AdministratorRequired  only an administrator can grant what is missing
    - SignInUnavailable      Entra ID or another issuer cannot sign anybody in now (retryable)
    - ScopeRequired          the client was not granted what the tool needs
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


class OutlookError(Exception):
    """What happened, a short stable `code`, and the `next_step` for the person who asked."""

    code: ClassVar[str] = "outlook_error"
    default_next_step: ClassVar[str] = ""
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, next_step: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = self.default_next_step if next_step is None else next_step

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".strip()


class ConfigurationError(OutlookError):
    code = "configuration"


class InvalidInput(OutlookError):
    code = "invalid_input"


class ServerBusy(OutlookError):
    code = "server_busy"
    default_next_step = "Try again in a minute."
    retryable = True


class SignInError(OutlookError):
    code = "sign_in"


class SignInRequired(SignInError):
    code = "sign_in_required"
    default_next_step = "Run `outlook-mcp login` and sign in to Microsoft."


class SignInRefused(SignInError):
    code = "sign_in_refused"
    default_next_step = "Start the sign-in again and accept the permissions."


class AdministratorRequired(SignInError):
    code = "administrator_required"
    default_next_step = "Ask the administrator of your organisation to grant the permission."


class SignInUnavailable(SignInError):
    code = "sign_in_unavailable"
    default_next_step = "Try again in a minute; nobody was signed out."
    retryable = True


class ScopeRequired(SignInError):
    """`scope` is the one of ours that the grant lacks."""

    code = "scope_required"
    default_next_step = "Let the user grant it, then call the tool again."

    def __init__(self, message: str, *, scope: str, next_step: str | None = None) -> None:
        super().__init__(message, next_step=next_step)
        self.scope = scope


class VaultError(OutlookError):
    code = "vault"


class KeyMismatch(VaultError):
    code = "vault_key_mismatch"
    default_next_step = "Start with the key that sealed this vault; nothing was changed."


class RecordBroken(VaultError):
    code = "vault_record_broken"
    default_next_step = "Sign out and sign in again to replace the record."


class GenerationConflict(VaultError):
    code = "vault_generation_conflict"
    default_next_step = "Read the record again and repeat."
    retryable = True


class StoreUnavailable(VaultError):
    code = "vault_unavailable"
    default_next_step = "Check the store and its disk, then try again; nothing was lost."
    retryable = True


class AuditError(OutlookError):
    code = "audit"


class AuditUnavailable(AuditError):
    code = "audit_unavailable"
    default_next_step = "Check that the audit log can be written; changes are refused until then."


class AuditBroken(AuditError):
    code = "audit_broken"
    default_next_step = "Keep the file and compare it with your last copy."


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
        next_step: str | None = None,
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.status = status
        self.graph_code = graph_code
        self.request_id = request_id
        self.retry_after_s = retry_after_s


class RequestRejected(GraphError):
    code = "request_rejected"


class AccessTokenRejected(GraphError):
    """`claims` are what Graph asks of the next sign-in, still encoded; "" when it asks for none."""

    code = "access_token_rejected"
    default_next_step = "Run `outlook-mcp login` and sign in again."
    claims: str = ""


class AccessDenied(GraphError):
    code = "access_denied"
    default_next_step = "Sign in again and accept the missing permission, or ask your administrator for it."


class MailboxUnavailable(GraphError):
    code = "mailbox_unavailable"
    default_next_step = "Ask your administrator for an Exchange Online licence and mailbox."


class NotFound(GraphError):
    code = "not_found"
    default_next_step = "It may have been moved or deleted; search again."


class Conflict(GraphError):
    code = "conflict"
    default_next_step = "Read it again and repeat."


class Throttled(GraphError):
    code = "throttled"
    default_next_step = "Wait a little, then ask for less at once."
    retryable = True


class GraphUnavailable(GraphError):
    code = "graph_unavailable"
    default_next_step = "Try again in a minute."
    retryable = True


class AnswerUnreadable(GraphError):
    code = "answer_unreadable"
    default_next_step = "Try again; ask for fewer messages if it happens again."
    retryable = True


class OutcomeUnknown(GraphError):
    code = "outcome_unknown"
    default_next_step = "Look in Sent Items before sending again."
