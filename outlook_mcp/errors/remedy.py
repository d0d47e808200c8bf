"""What can be done about an error."""

from __future__ import annotations

from enum import StrEnum


class Remedy(StrEnum):
    """What to do about an error; `outlook_mcp.answers.remedies` words it for each audience."""

    NONE = "none"
    SIGN_IN = "sign_in"
    SIGN_IN_AND_ACCEPT = "sign_in_and_accept"
    START_SIGN_IN_AGAIN = "start_sign_in_again"
    CONNECT_AGAIN = "connect_again"
    GRANT_SCOPE = "grant_scope"
    GRANT_PERMISSION = "grant_permission"
    ASK_ADMINISTRATOR = "ask_administrator"
    ADMIT_ACCOUNT = "admit_account"
    OBTAIN_MAILBOX = "obtain_mailbox"
    RETRY = "retry"
    RETRY_SIGN_IN = "retry_sign_in"
    RETRY_WITH_LESS = "retry_with_less"
    READ_AGAIN = "read_again"
    SEARCH_AGAIN = "search_again"
    LOOK_FIRST = "look_first"
    LOOK_FOR_SENT = "look_for_sent"
    CORRECT_ARGUMENT = "correct_argument"
    CORRECT_SETTING = "correct_setting"
    USE_VAULT_KEY = "use_vault_key"
    REPLACE_RECORD = "replace_record"
    CHECK_STORE = "check_store"
    UPDATE_SERVER = "update_server"
    CHECK_AUDIT_LOG = "check_audit_log"
    COMPARE_AUDIT_LOG = "compare_audit_log"
