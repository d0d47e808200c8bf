"""What an error of Entra ID means for the person who wants to sign in.

`error` and `suberror` decide first, because Microsoft may change the AADSTS numbers; the numbers tell apart what they
leave open. Texts of Entra are never repeated: they name people and come from outside.
https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from outlook_mcp.errors import (
    AdministratorRequired,
    ClaimsRequired,
    Remedy,
    SignInError,
    SignInRefused,
    SignInRequired,
    SignInUnavailable,
)

_AADSTS = re.compile(r"AADSTS(\d{4,8})")
_WORD = re.compile(r"[a-z][a-z_]{1,39}")
_TRACE = re.compile(r"[0-9a-fA-F-]{36}")
_TRACE_IN_TEXT = re.compile(rf"Trace ID: ({_TRACE.pattern})")

UNAVAILABLE = frozenset({"temporarily_unavailable", "server_error", "slow_down", "service_unavailable"})
INTERACTION = frozenset({"interaction_required", "login_required", "account_selection_required", "invalid_grant"})
REFUSED = frozenset({"access_denied", "authorization_declined"})
DEVICE_ENDED = frozenset({"expired_token", "code_expired", "bad_verification_code"})

AGAIN = {
    50173: "The sign-in was revoked, for example by a new password.",
    50076: "Microsoft asks for multi-factor authentication.",
    50078: "The multi-factor authentication has expired.",
    50079: "Microsoft asks to set up multi-factor authentication.",
    54005: "The sign-in code was used already.",
    70008: "The sign-in has expired.",
    70043: "Your organisation asks for a fresh sign-in.",
    700082: "The sign-in has expired because it was not used for a long time.",
    700084: "The sign-in has expired after a day.",
    500133: "The access token of the caller has expired.",
    501481: "The sign-in was not finished where it was started.",
}
CONSENT = frozenset({65001, 65003})
ADMIN_CONSENT = frozenset({90093, 90094, 90095, 90008})
_LOCAL_REDIRECT = "add http://localhost/callback to the app registration, as a mobile or desktop one"
_WEB_REDIRECT = "add the address of this server that ends in /callback to the app registration, for the platform Web"
BY_ADMINISTRATOR = {
    50011: ("The redirect address is not registered.", _LOCAL_REDIRECT),
    50020: ("This account is not in the organisation.", "invite this account, or allow other tenants in the app"),
    50034: ("This account does not exist in the organisation.", "create the account"),
    50057: ("This account is disabled.", "enable the account"),
    50059: ("The tenant is not named.", "set the tenant setting to the organisation of the app"),
    50105: ("This account may not use the app.", "assign the account to the enterprise application"),
    50194: ("The app is for one organisation only.", "set the tenant setting to that organisation, or allow others"),
    53000: ("This device does not comply with the organisation's policy.", "make this device compliant"),
    53001: ("This device is not joined to the organisation.", "join this device to the organisation"),
    53002: ("The app is not approved by a Conditional Access policy.", "approve the app in Conditional Access"),
    53003: ("A Conditional Access policy blocks this sign-in.", "allow the app in Conditional Access"),
    53004: ("The account must be secured before it is used.", "clear the risk of the account"),
    70011: ("A permission asked for does not exist.", "correct the scopes setting"),
    90002: ("The tenant does not exist.", "correct the tenant setting"),
    50013: ("The access token of the caller is not one of this Entra ID.", "let the tenant issue the access tokens"),
    500113: ("No redirect address is registered.", _LOCAL_REDIRECT),
    500131: ("The access token of the caller is for another app.", "correct the client id or the audience setting"),
    500011: ("The resource asked for does not exist in this tenant.", "correct the scopes setting"),
    650053: ("A permission asked for does not exist.", "correct the scopes setting"),
    700054: ("The app may not sign in with codes.", "register the redirect address as one of a mobile or desktop app"),
    900023: ("The tenant is not one that could exist.", "correct the tenant setting"),
    9002326: ("The redirect address is one of a web page.", "register it as one of a mobile or desktop application"),
    9002331: ("The app is for personal accounts only.", "set the tenant setting to consumers"),
    9002332: ("The app is for work and school accounts only.", "set the tenant setting to organizations"),
    9002346: ("The app is for personal accounts only.", "set the tenant setting to consumers"),
    700016: ("The app is not known in this tenant.", "register the app, or correct the client id"),
    700038: ("The client id is not valid.", "correct the client id"),
    700024: ("The proof of the app is not valid at this time.", "set the clock of the server"),
    700027: ("The certificate of the app is not registered.", "upload the certificate to the app registration"),
    700211: ("The issuer is not trusted by the app.", "correct the federated credential of the app"),
    700212: ("The audience is not trusted by the app.", "correct the federated credential of the app"),
    700213: ("The subject is not trusted by the app.", "correct the federated credential of the app"),
    700025: ("The app is public but a secret was sent.", "remove the client secret"),
    7000112: ("The app is disabled.", "enable the enterprise application"),
    7000215: ("The client secret is wrong.", "replace the client secret"),
    7000218: ("The app does not allow public clients.", "switch on 'Allow public client flows' for the app"),
    7000222: ("The client secret has expired.", "make a new client secret"),
}
# What a person can mend who registered the app for themselves, or wrote the settings.
OF_THE_APP = frozenset(
    {
        *(50011, 50059, 50194, 500113, 90002, 900023, 700016, 700025, 700038, 700054),
        *(70011, 500011, 650053, 7000218, 9002326, 9002331, 9002332, 9002346),
    }
)
# For an app of a web server, which must never become a public client: anybody could then redeem its codes.
OF_A_SERVER = {
    **BY_ADMINISTRATOR,
    50011: ("The redirect address is not registered.", _WEB_REDIRECT),
    500113: ("No redirect address is registered.", _WEB_REDIRECT),
    700025: ("The app is public but sent a proof of who it is.", _WEB_REDIRECT),
    700054: ("The app may not sign in with codes.", _WEB_REDIRECT),
    9002326: ("The redirect address is one of a single-page application.", _WEB_REDIRECT),
    7000218: (
        "The app sent no proof of who it is.",
        "give this server the client secret of the app, or another proof of the app (OUTLOOK_MCP_CLIENT_PROOF)",
    ),
}
MISCONFIGURED = {
    "invalid_client": ("Entra ID does not accept this app.", "check client id and secret of the app registration"),
    "unauthorized_client": ("The app may not sign in this way.", "allow this grant in the app registration"),
    "unsupported_grant_type": ("The app may not sign in this way.", "allow this grant in the app registration"),
    "invalid_scope": BY_ADMINISTRATOR[70011],
    "invalid_resource": BY_ADMINISTRATOR[500011],
    "invalid_tenant": BY_ADMINISTRATOR[90002],
}


def sign_in_error(
    answer: Mapping[str, object], *, status: int = 0, scopes: tuple[str, ...] = (), is_server: bool = False
) -> SignInError:
    """The error for a refusing answer of Entra (JSON body, or parameters of a redirect).

    `status` is the HTTP status, 0 for a redirect; `scopes` are named when an administrator must grant them.
    `is_server` means that people sign in to a web server and not on their own computer.
    """
    error, suberror = _word(answer.get("error")), _word(answer.get("suberror"))
    number = aadsts_number(answer)
    told = _reference(error, number, answer)
    if status == 429 or status >= 500 or error in UNAVAILABLE:
        return SignInUnavailable(f"Entra ID cannot sign in at the moment{told}.")
    if number in ADMIN_CONSENT or suberror == "admin_consent_required":
        return _administrator("The permission needs an administrator's consent", _grant(scopes), told)
    if error in REFUSED and number not in BY_ADMINISTRATOR:
        return SignInRefused(f"The sign-in was declined{told}.")
    if number in BY_ADMINISTRATOR and is_server:
        return _administrator(*OF_A_SERVER[number], told)
    if number in BY_ADMINISTRATOR:
        return _administrator(*BY_ADMINISTRATOR[number], told, is_own=number in OF_THE_APP)
    if error in DEVICE_ENDED:
        return SignInRequired(f"The device code has expired{told}.", remedy=Remedy.START_SIGN_IN_AGAIN)
    if number in CONSENT or error == "consent_required" or suberror == "consent_required":
        return _consent_missing(scopes, told)
    if error in INTERACTION:
        return _sign_in_again(number, answer.get("claims"), told)
    if error in MISCONFIGURED:
        return _administrator(*MISCONFIGURED[error], told, is_own=not is_server)
    return SignInRefused(f"Entra ID refused the sign-in{told}.")


def _sign_in_again(number: int, claims: object, told: str) -> SignInRequired:
    message = f"{AGAIN.get(number, 'The sign-in has ended.').rstrip('.')}{told}."
    return ClaimsRequired(message, claims) if isinstance(claims, str) and claims else SignInRequired(message)


def _consent_missing(scopes: tuple[str, ...], told: str) -> SignInRequired:
    names = " (" + ", ".join(scopes) + ")" if scopes else ""
    return SignInRequired(
        f"The permissions{names} are not accepted yet{told}.",
        remedy=Remedy.GRANT_PERMISSION,
    )


def _administrator(happened: str, wanted: str, told: str, *, is_own: bool = False) -> AdministratorRequired:
    """`is_own`: the person may be the one who registered the app, and there may be no administrator to ask."""
    step = f"Ask the administrator of your organisation: {wanted}."
    if is_own:
        step = f"{wanted[0].upper()}{wanted[1:]}; if your organisation registered the app, ask its administrator."
    return AdministratorRequired(f"{happened.rstrip('.')}{told}.", next_step=step)


def _grant(scopes: tuple[str, ...]) -> str:
    return "grant admin consent for " + (", ".join(scopes) if scopes else "the permissions of the app")


def _reference(error: str, number: int, answer: Mapping[str, object]) -> str:
    trace = _trace_id(answer)
    known = (error, f"AADSTS{number}" if number else "", f"trace {trace}" if trace else "")
    words = ", ".join(word for word in known if word)
    return f" ({words})" if words else ""


def _trace_id(answer: Mapping[str, object]) -> str:
    """By which Microsoft finds the request; the parameters of a redirect have it in their description only."""
    trace, description = answer.get("trace_id"), answer.get("error_description")
    if isinstance(trace, str) and _TRACE.fullmatch(trace):
        return trace
    found = _TRACE_IN_TEXT.search(description) if isinstance(description, str) else None
    return found[1] if found else ""


def _word(value: object) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""


def aadsts_number(answer: Mapping[str, object]) -> int:
    """The number of the error, 0 when the answer names none."""
    codes = answer.get("error_codes")
    if isinstance(codes, list) and codes and isinstance(codes[0], int):
        return codes[0]
    description = answer.get("error_description")
    found = _AADSTS.search(description) if isinstance(description, str) else None
    return int(found[1]) if found else 0
