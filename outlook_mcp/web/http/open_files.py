"""How many connections of clients the open files of this process are enough for."""

from __future__ import annotations

import sys
from contextlib import suppress

if sys.platform != "win32":
    import resource

MOST_CONNECTIONS = 5_000
# Connections to Microsoft Graph, the store and Entra ID, and the files of the log.
RESERVED_FILES = 500


def most_connections() -> int:
    """At most `MOST_CONNECTIONS`; raises the limit of the process first, as far as the system lets it.

    Many systems start programs with a limit of 1,024, which anybody could use up by opening connections: then there
    would be none left for Microsoft Graph and the store.
    """
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    limit, highest = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + RESERVED_FILES
    if limit != resource.RLIM_INFINITY and limit < wanted:
        raised = wanted if highest == resource.RLIM_INFINITY else min(wanted, highest)
        # macOS refuses more than its own limit without saying so before.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, highest))
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return connections_within(MOST_CONNECTIONS + RESERVED_FILES if limit == resource.RLIM_INFINITY else limit)


def connections_within(files: int) -> int:
    """
    >>> connections_within(20_000), connections_within(1024), connections_within(256)
    (5000, 524, 128)
    """
    return min(MOST_CONNECTIONS, max(files - RESERVED_FILES, files // 2))
