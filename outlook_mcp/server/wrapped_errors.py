"""Errors of ours that the SDK has wrapped in its own."""

from __future__ import annotations

from outlook_mcp.errors import OutlookError


def wrapped_error(failed: BaseException) -> OutlookError | None:
    """The error of ours among the causes of `failed`, if there is one."""
    cause = failed.__cause__
    while cause is not None and not isinstance(cause, OutlookError):
        cause = cause.__cause__
    return cause
