"""What can be written to the audit log, as `source:subject:action`. Add tags; never rename one that was written."""

from __future__ import annotations

from enum import StrEnum


class AuditTag(StrEnum):
    """The first word is what the record is about: sign-ins to Microsoft (`oauth`), the vault, sessions and grants of
    clients, MCP calls (`tool`, `resource`, `prompt`, `completion`), sent mail, refusals (`access`), the log itself.
    """

    SIGN_IN_STARTED = "oauth:connection:sign_in_started"
    SIGNED_IN = "oauth:connection:signed_in"
    SIGN_IN_FAILED = "oauth:connection:sign_in_failed"
    DISCONNECTED = "oauth:connection:disconnected"
    DEFAULT_CHANGED = "oauth:connection:default_changed"
    TOKEN_REFRESHED = "oauth:token:refreshed"  # noqa: S105
    TOKEN_REFRESH_FAILED = "oauth:token:refresh_failed"  # noqa: S105
    STATE_REJECTED = "oauth:state:rejected"

    VAULT_CREATED = "vault:vault:created"
    KEY_ROTATED = "vault:key:rotated"
    DATA_KEYS_REPLACED = "vault:data_keys:replaced"
    KEY_DROPPED = "vault:key:dropped"
    USER_ERASED = "vault:user:erased"

    SESSION_STARTED = "session:session:started"
    SESSION_ENDED = "session:session:ended"
    GRANT_APPROVED = "session:grant:approved"
    GRANT_REFUSED = "session:grant:refused"
    GRANT_WIDENED = "session:grant:widened"
    GRANT_REFRESHED = "session:grant:refreshed"
    TOKEN_REVOKED = "session:token:revoked"  # noqa: S105
    GRANT_CODE_REUSED = "session:grant:code_reused"
    GRANT_REFRESH_REUSED = "session:grant:refresh_reused"
    CLIENT_REGISTERED = "session:client:registered"

    TOOL_STARTED = "tool:call:started"
    TOOL_CALLED = "tool:call:finished"
    TOOL_FAILED = "tool:call:failed"
    RESOURCE_READ = "resource:read:finished"
    RESOURCE_FAILED = "resource:read:failed"
    PROMPT_GIVEN = "prompt:get:finished"
    PROMPT_FAILED = "prompt:get:failed"
    COMPLETION_GIVEN = "completion:complete:finished"
    COMPLETION_FAILED = "completion:complete:failed"
    MAIL_SENT = "mail:message:sent"
    MAIL_SEND_UNKNOWN = "mail:message:send_unknown"
    MAIL_SEND_STOPPED = "mail:message:send_stopped"

    TOKEN_REFUSED = "access:token:refused"  # noqa: S105
    SCOPE_REFUSED = "access:scope:refused"
    CLIENT_REFUSED = "access:client:refused"
    REGISTRATION_REFUSED = "access:registration:refused"
    SIGN_IN_REFUSED = "access:sign_in:refused"
    USER_BLOCKED = "access:user:blocked"
    USER_UNBLOCKED = "access:user:unblocked"
    DENIED_MORE = "access:denial:more"

    LOG_CUT = "audit:log:cut"
    LOG_CONTINUED = "audit:log:continued"
    LOG_REMOVED = "audit:log:removed"


# Written before the change, which is not made unless the record was written.
ANNOUNCEMENTS = frozenset({AuditTag.TOOL_STARTED})
