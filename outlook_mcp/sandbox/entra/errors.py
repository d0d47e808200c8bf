"""The AADSTS refusals of Entra ID, worded as the real ones.

Sources: Microsoft's "authentication and authorization error codes" page and public captures of the service.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from outlook_mcp.sandbox.clock import Clock


@dataclass(frozen=True, slots=True)
class Refusal:
    """The OAuth `error` of an AADSTS code, and `text` with {names} for the values; `has_uri` adds `error_uri`."""

    error: str
    text: str
    status: int = 400
    suberror: str = ""
    has_uri: bool = True


_CONSENT = "has not consented to use the application with ID '{app}' named '{name}'"
_MFA = "Due to a configuration change made by your administrator, or because you moved to a new location, you must "
_FEDERATED = "No matching federated identity record found for presented assertion "
_CHECK_FEDERATED = (
    "Check your federated identity credential Subject, Audience and Issuer against the presented assertion."
    " https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
)

REFUSALS: dict[int, Refusal] = {
    28000: Refusal(
        "invalid_scope",
        "Provided value for the input parameter scope is not valid because it contains more than one resource."
        " Scope {scope} is not valid.",
    ),
    50011: Refusal(
        "invalid_request",
        "The redirect URI '{redirect}' specified in the request does not match the redirect URIs configured for"
        " the application '{app}'.",
    ),
    50013: Refusal("invalid_grant", "Assertion failed signature validation."),
    50020: Refusal(
        "invalid_grant",
        "User account '{user}' does not exist in tenant '{tenant}' and cannot access the application '{app}' in"
        " that tenant.",
    ),
    50027: Refusal("invalid_request", "JWT token is invalid or malformed."),
    50034: Refusal("invalid_grant", "The user account {user} does not exist in the {tenant} directory."),
    50058: Refusal(
        "login_required",
        "A silent sign-in request was sent but no user is signed in.",
    ),
    50076: Refusal(
        "interaction_required",
        _MFA + "use multi-factor authentication to access '{resource}'.",
        suberror="basic_action",
    ),
    50078: Refusal(
        "interaction_required",
        "Presented multi-factor authentication has expired due to policies configured by your administrator, you"
        " must refresh your multi-factor authentication to access '{resource}'.",
        suberror="basic_action",
    ),
    50079: Refusal(
        "interaction_required",
        _MFA + "enroll in multi-factor authentication to access '{resource}'.",
        suberror="basic_action",
    ),
    50173: Refusal(
        "invalid_grant",
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have"
        " changed or reset their password. The grant was issued on '{issued}' and the TokensValidFrom date"
        " (before which tokens are not valid) for this user is '{valid_from}'.",
        suberror="bad_token",
    ),
    53003: Refusal(
        "interaction_required",
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
        suberror="message_only",
    ),
    54005: Refusal(
        "invalid_grant",
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing"
        " refresh token.",
    ),
    65001: Refusal(
        "invalid_grant",
        "The user or administrator " + _CONSENT + ". Send an interactive authorization request for this user and"
        " resource.",
        suberror="consent_required",
    ),
    65004: Refusal("access_denied", "User declined to consent to access the app."),
    70000: Refusal("invalid_grant", "Provided grant is invalid or malformed.", suberror="bad_token"),
    70003: Refusal("unsupported_grant_type", "The app requested an unsupported grant type '{grant}'.", has_uri=False),
    70005: Refusal("unsupported_response_type", "The response type '{kind}' is not enabled for the app."),
    70007: Refusal("invalid_request", "'{mode}' is not a supported value of 'response_mode'."),
    70008: Refusal(
        "invalid_grant",
        "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive"
        " authorization request for this user and resource.",
    ),
    70011: Refusal(
        "invalid_scope",
        "The provided request must include a 'scope' input parameter. The provided value for the input parameter"
        " 'scope' is not valid. The scope {scope} is not valid.",
    ),
    70016: Refusal(
        "authorization_pending",
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    ),
    70018: Refusal("bad_verification_code", "Invalid verification code due to user typing in wrong user code."),
    70019: Refusal("expired_token", "Verification code expired."),
    70020: Refusal("authorization_declined", "The end user denied the authorization request."),
    70043: Refusal(
        "invalid_grant",
        "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.",
        suberror="bad_token",
    ),
    90023: Refusal("invalid_request", "Unsupported 'prompt' value."),
    90002: Refusal(
        "invalid_tenant",
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the"
        " correct cloud.",
    ),
    500011: Refusal(
        "invalid_resource",
        "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if"
        " the application has not been installed by the administrator of the tenant or consented to by any user in"
        " the tenant. You might have sent your authentication request to the wrong tenant.",
    ),
    500112: Refusal(
        "invalid_grant",
        "The reply address '{redirect}' does not match the reply address provided when requesting Authorization code.",
    ),
    500131: Refusal(
        "invalid_grant",
        "Assertion audience does not match the Client app presenting the assertion. The audience in the assertion"
        " was '{audience}' and the expected audience is '{app}'.",
    ),
    500133: Refusal(
        "invalid_grant",
        "Assertion is not within its valid time range. Ensure that the access token is not expired before using it"
        " for user assertion, or request a new token.",
    ),
    501481: Refusal(
        "invalid_grant",
        "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
    ),
    650053: Refusal(
        "invalid_client",
        "The application '{name}' asked for scope '{scope}' that doesn't exist on the resource '{resource}'. Contact"
        " the app vendor.",
    ),
    501491: Refusal("invalid_request", "Invalid size of Code_Challenge parameter."),
    700016: Refusal(
        "unauthorized_client",
        "Application with identifier '{app}' was not found in the directory '{tenant}'. You may have sent your"
        " authentication request to the wrong tenant.",
    ),
    700025: Refusal(
        "invalid_client",
        "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
        status=401,
    ),
    700021: Refusal(
        "invalid_client", "Client assertion application identifier doesn't match 'client_id' parameter.", status=401
    ),
    700023: Refusal("invalid_client", "Client assertion audience claim does not match Realm issuer.", status=401),
    700024: Refusal("invalid_client", "Client assertion is not within its valid time range.", status=401),
    700027: Refusal("invalid_client", "Client assertion failed signature validation.", status=401),
    700038: Refusal("unauthorized_client", "{app} is not a valid application identifier.", has_uri=False),
    700051: Refusal("unsupported_response_type", "response_type 'token' is not enabled for the application."),
    700054: Refusal("unsupported_response_type", "response_type 'id_token' is not enabled for the application."),
    700082: Refusal(
        "invalid_grant",
        "The refresh token has expired due to inactivity. The token was issued on {issued} and was inactive for"
        " 90.00:00:00.",
        suberror="bad_token",
    ),
    700084: Refusal(
        "invalid_grant",
        "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of"
        " 1.00:00:00, which cannot be extended. It is now expired and a new sign in request must be sent by the SPA"
        " to the sign in page. The token was issued on {issued}.",
        suberror="bad_token",
    ),
    700211: Refusal("invalid_client", _FEDERATED + "issuer '{presented}'. " + _CHECK_FEDERATED, status=401),
    700212: Refusal("invalid_client", _FEDERATED + "audience '{presented}'. " + _CHECK_FEDERATED, status=401),
    700213: Refusal("invalid_client", _FEDERATED + "subject '{presented}'. " + _CHECK_FEDERATED, status=401),
    900561: Refusal("invalid_request", "The endpoint only accepts POST requests. Received a {method} request."),
    900144: Refusal("invalid_request", "The request body must contain the following parameter: '{field}'."),
    1002012: Refusal(
        "invalid_scope",
        "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with"
        " /.default suffixed to the resource identifier (application ID URI).",
    ),
    7000215: Refusal(
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value,"
        " not the client secret ID, for a secret added to app '{app}'.",
        status=401,
    ),
    7000218: Refusal(
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        status=401,
    ),
    9001023: Refusal(
        "invalid_request",
        "The grant type isn't supported over the /common or /consumers endpoints. Please use the /organizations or"
        " tenant-specific endpoint.",
    ),
    9002313: Refusal("invalid_request", "Invalid request. Request is malformed or invalid."),
}


class EntraError(Exception):
    """A refusal by its AADSTS number.

    `claims` is the challenge that a client sends with its next request; `error` replaces the OAuth code where an
    endpoint has another one than the token endpoint.
    """

    def __init__(self, aadsts: int, *, claims: str | None = None, error: str = "", **details: str) -> None:
        self.aadsts = aadsts
        self.refusal = REFUSALS[aadsts]
        self.claims = claims
        self.error = error or self.refusal.error
        self.message = f"AADSTS{aadsts}: {self.refusal.text.format(**details)}"
        super().__init__(self.message)

    def body(self, origin: str, clock: Clock, correlation_id: str | None) -> dict[str, Any]:
        """The JSON answer of the token endpoint."""
        trace_id, correlation_id = str(uuid.uuid4()), correlation_id or str(uuid.uuid4())
        timestamp = clock.utc().strftime("%Y-%m-%d %H:%M:%SZ")
        ids = f"Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}"
        body: dict[str, Any] = {
            "error": self.error,
            "error_description": f"{self.message} {ids}",
            "error_codes": [self.aadsts],
            "timestamp": timestamp,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
        }
        if self.refusal.has_uri:
            body["error_uri"] = f"{origin}/error?code={self.aadsts}"
        if self.refusal.suberror:
            body["suberror"] = self.refusal.suberror
        if self.claims is not None:
            body["claims"] = self.claims
        return body
