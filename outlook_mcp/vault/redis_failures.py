"""Turns errors of Redis into StoreUnavailable, whose messages contain no password and no stored data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from redis import exceptions as redis_errors

from outlook_mcp.errors import StoreUnavailable

# Temporary: a server restarts, a replica takes over, or a slot moves.
PASSING = (
    redis_errors.ConnectionError,
    redis_errors.ReadOnlyError,
    redis_errors.ClusterDownError,
    redis_errors.RedisClusterException,
    redis_errors.TryAgainError,
)
# Subclasses of a lost connection in the client, but not temporary.
LASTING = (redis_errors.AuthenticationError, redis_errors.AuthorizationError, redis_errors.MaxConnectionsError)

_REACH = "Check that it runs and can be reached from here, then try again; nothing was lost."
_LOGIN = "Check the user name and the password in the address of the store, and what that user may do."
_TRUST = "Name its authority with ?ca_file=FILE in the address of the store."
_LATER = "Try again in a moment; nothing was lost."


@contextmanager
def errors_as_unavailable(name: str, deadline_s: float) -> Iterator[None]:
    """Every failure of the Redis called `name` becomes `StoreUnavailable`."""
    try:
        yield
    except (redis_errors.RedisError, redis_errors.RedisClusterException, OSError) as error:
        what, next_step = _words(error, deadline_s)
        raise StoreUnavailable(f"{name} {what}.", next_step=next_step) from error


def _words(error: Exception, deadline_s: float) -> tuple[str, str]:
    match error:
        case redis_errors.AuthenticationError() | redis_errors.AuthorizationError():
            return "refuses the user name or the password", _LOGIN
        case redis_errors.NoPermissionError():
            return "does not let this user do what is needed", _LOGIN
        case redis_errors.OutOfMemoryError():
            return "is full", "Raise its maxmemory; until then nothing new can be kept."
        case redis_errors.ReadOnlyError():
            return "is a replica that takes no writes", "Give the address of the primary, or of its Sentinels."
        case redis_errors.BusyLoadingError():
            return "is still loading its data", _LATER
        case redis_errors.MaxConnectionsError():
            return "gets too many requests at once", _LATER
        case redis_errors.TimeoutError() | TimeoutError():
            return f"did not answer within {deadline_s:.0f} s", _REACH
        case redis_errors.ConnectionError() if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return "shows a certificate that is not trusted", _TRUST
        case redis_errors.ConnectionError() | OSError():
            return "cannot be reached", _REACH
        case redis_errors.ClusterError() | redis_errors.RedisClusterException():
            return "cannot be reached completely", _REACH
        case _:
            return _by_code(error)


def _by_code(error: Exception) -> tuple[str, str]:
    """By the first word of the server's error; the rest may repeat arguments, so it is not shown."""
    match str(error).split(" ", 1)[0]:
        case "NOAUTH":
            return "requires a password", _LOGIN
        case "MISCONF":
            return "cannot write to its disk", "Look into its log; it takes no writes until then."
        case "NOREPLICAS":
            return "has too few replicas to take writes", _LATER
        case _:
            return f"cannot be used ({type(error).__name__})", _REACH
