"""What to do about an error, in the words of whoever reads it."""

from __future__ import annotations

from enum import Enum, auto

from outlook_mcp.errors import OutlookError, Remedy


class Audience(Enum):
    """A model that works for the user of this machine, or for a user far away; a person at a page or a terminal."""

    LOCAL_CLIENT = auto()
    REMOTE_CLIENT = auto()
    WEB_PAGE = auto()
    COMMAND_LINE = auto()


# For every audience that has no words of its own below.
_WORDS = {
    Remedy.NONE: "",
    Remedy.SIGN_IN: "Ask the user to sign in to Microsoft again.",
    Remedy.SIGN_IN_AND_ACCEPT: "Start the sign-in again and accept the permissions.",
    Remedy.START_SIGN_IN_AGAIN: "Start the sign-in again.",
    Remedy.CONNECT_AGAIN: "Go back to your app and connect again.",
    Remedy.GRANT_SCOPE: "Let the user grant it, then try again.",
    Remedy.GRANT_PERMISSION: "Sign in again and accept the missing permission, or ask your administrator for it.",
    Remedy.ASK_ADMINISTRATOR: "Ask the administrator of your organisation to grant the permission.",
    Remedy.ADMIT_ACCOUNT: "Ask the administrator of this server to admit the account.",
    Remedy.OBTAIN_MAILBOX: "Ask your administrator for an Exchange Online licence and mailbox.",
    Remedy.RETRY: "Try again in a minute.",
    Remedy.RETRY_SIGN_IN: "Try again in a minute; nobody was signed out.",
    Remedy.RETRY_WITH_LESS: "Try again later, and ask for less at once.",
    Remedy.READ_AGAIN: "Read it again and repeat.",
    Remedy.SEARCH_AGAIN: "It may have been moved or deleted; search again.",
    Remedy.LOOK_FIRST: "Look at what is there now before trying again.",
    Remedy.LOOK_FOR_SENT: "Look whether it was sent before sending it again.",
    # The message itself says what is wrong with it, and what is expected.
    Remedy.CORRECT_ARGUMENT: "",
    Remedy.CORRECT_SETTING: "",
    Remedy.USE_VAULT_KEY: "Start with the key that sealed this vault; nothing was changed. If it is lost, nobody can "
    "open the vault: move its file and audit.log away, and sign in again.",
    Remedy.REPLACE_RECORD: "Sign out and sign in again to replace the record.",
    Remedy.CHECK_STORE: "Check the store and its disk, then try again; nothing was lost.",
    Remedy.UPDATE_SERVER: "Update outlook-mcp; nothing was changed.",
    Remedy.CHECK_AUDIT_LOG: "Check that the audit log can be written; changes are refused until then.",
    Remedy.COMPARE_AUDIT_LOG: "Keep the file and compare it with your last copy.",
}
_TELL_OPERATOR = "Tell the administrator of this server."
# For those who cannot reach the machine that the server runs on; a more specific step would not help them either.
_OPERATORS = {
    Remedy.CORRECT_SETTING: _TELL_OPERATOR,
    Remedy.USE_VAULT_KEY: _TELL_OPERATOR,
    Remedy.CHECK_STORE: "Try again in a minute; nothing was lost. If it lasts, tell the administrator of this server.",
    Remedy.UPDATE_SERVER: _TELL_OPERATOR,
    Remedy.CHECK_AUDIT_LOG: f"{_TELL_OPERATOR} Changes are refused until its audit log can be written.",
    Remedy.COMPARE_AUDIT_LOG: _TELL_OPERATOR,
}
_OWN_WORDS = {
    Audience.LOCAL_CLIENT: {
        Remedy.SIGN_IN: "Ask the user to run `outlook-mcp login` and to sign in to Microsoft.",
    },
    Audience.REMOTE_CLIENT: _OPERATORS,
    Audience.WEB_PAGE: {**_OPERATORS, Remedy.SIGN_IN: "Start the sign-in again."},
    Audience.COMMAND_LINE: {
        Remedy.SIGN_IN: "Run `outlook-mcp login` and sign in to Microsoft.",
        Remedy.RETRY_SIGN_IN: "Try again in a minute, nobody was signed out; if it lasts, run `outlook-mcp doctor`.",
    },
}


def message_for(error: OutlookError, audience: Audience) -> str:
    """What happened. Who is not on the server's own machine is told nothing of its files and hosts.

    >>> from outlook_mcp.errors import StoreUnavailable
    >>> message_for(StoreUnavailable("The vault /data/vault.db is corrupt."), Audience.REMOTE_CLIENT)
    'This server cannot use its store at the moment.'
    """
    is_remote = audience in (Audience.REMOTE_CLIENT, Audience.WEB_PAGE)
    return error.remote_message if is_remote else error.message


def next_step(error: OutlookError, audience: Audience) -> str:
    """One or two sentences; "" where the message says it all.

    >>> from outlook_mcp.errors import SignInRequired
    >>> next_step(SignInRequired("Nobody is signed in."), Audience.COMMAND_LINE)
    'Run `outlook-mcp login` and sign in to Microsoft.'
    >>> next_step(SignInRequired("Nobody is signed in."), Audience.WEB_PAGE)
    'Start the sign-in again.'
    """
    is_for_operator = error.remedy in _OPERATORS and error.remedy in _OWN_WORDS[audience]
    if error.next_step and not is_for_operator:
        return error.next_step
    return words_for(error.remedy, audience)


def words_for(remedy: Remedy, audience: Audience) -> str:
    """One or two sentences; "" where there is nothing to do."""
    return _OWN_WORDS[audience].get(remedy) or _WORDS[remedy]


def explanation(error: OutlookError, audience: Audience) -> str:
    """What happened and the next step, for a person."""
    return f"{message_for(error, audience)} {next_step(error, audience)}".strip()
