"""Reading a mail in Outlook's own format as a job of a worker process. Needs python-oxmsg."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.mail.mime import job
from outlook_mcp.mail.msg.conversion import as_mime


def run(arguments: Sequence[str], source: bytes) -> bytes:
    """As the job that reads mail in MIME form, for a file in Outlook's own."""
    return job.run(arguments, as_mime(source))
