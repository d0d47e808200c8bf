"""The refusals of Microsoft Graph, with their codes and words."""

from __future__ import annotations

from collections.abc import Mapping


class GraphFault(Exception):
    """An error answer: `code` and `message` go into the body."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


def bad_request(message: str, code: str = "BadRequest") -> GraphFault:
    return GraphFault(400, code, message)


def invalid_body(message: str) -> GraphFault:
    return GraphFault(400, "RequestBodyRead", message)


def unknown_segment(segment: str) -> GraphFault:
    return GraphFault(400, "BadRequest", f"Resource not found for the segment '{segment}'.")


def id_malformed() -> GraphFault:
    return GraphFault(400, "ErrorInvalidIdMalformed", "Id is malformed.")


def item_not_found() -> GraphFault:
    return GraphFault(
        404,
        "ErrorItemNotFound",
        "The specified object was not found in the store., The process failed to get the correct properties.",
    )


def access_denied() -> GraphFault:
    return GraphFault(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")


def authorization_denied() -> GraphFault:
    """The refusal of the directory, where that of Exchange is `access_denied`."""
    return GraphFault(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def invalid_user(name: str) -> GraphFault:
    return GraphFault(404, "ErrorInvalidUser", f"The requested user '{name}' is invalid.")


def unknown_user(name: str) -> GraphFault:
    """The refusal of the directory, where that of Exchange is `invalid_user`."""
    text = f"Resource '{name}' does not exist or one of its queried reference-property objects are not present."
    return GraphFault(404, "Request_ResourceNotFound", text)


def no_mailbox() -> GraphFault:
    return GraphFault(
        404,
        "MailboxNotEnabledForRESTAPI",
        "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
    )


def nonexistent_mailbox() -> GraphFault:
    """What the photo of a user without a mailbox is answered (https://learn.microsoft.com/graph/known-issues)."""
    return GraphFault(404, "ErrorNonExistentMailbox", "The SMTP address has no mailbox associated with it.")


def read_only(name: str) -> GraphFault:
    return GraphFault(400, "ErrorInvalidPropertySet", f"Set action is invalid for property. PropertyName: {name}")


def change_key_mismatch() -> GraphFault:
    return GraphFault(
        412,
        "ErrorIrresolvableConflict",
        "The send or update operation could not be performed because the change key passed in the request does not"
        " match the current change key for the item.",
    )


def too_large() -> GraphFault:
    return GraphFault(
        413, "RequestEntityTooLarge", "The page was not displayed because the request entity is too large."
    )


def not_imitated(method: str, path: str) -> GraphFault:
    """For an operation that Graph has and the sandbox has not; Graph itself never answers this."""
    return GraphFault(501, "NotImitated", f"{method} /{path} is an operation of Graph that is not imitated here.")


def not_imitated_value(what: str) -> GraphFault:
    """As `not_imitated`, for a part of a request."""
    return GraphFault(501, "NotImitated", f"The {what} is a part of Graph that is not imitated here.")


def internal_error() -> GraphFault:
    """For a mistake of the sandbox itself; its log has the traceback."""
    return GraphFault(500, "InternalServerError", "An internal server error occurred.")
