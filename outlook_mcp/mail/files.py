"""What an attachment is by its name and type, as long as its bytes are not known."""

from __future__ import annotations

import re

from outlook_mcp.mail.models import Attachment
from outlook_mcp.text.files.kinds import is_called_mail, is_called_signed


def is_mail(attachment: Attachment) -> bool:
    """A file that holds a mail in MIME form."""
    if attachment.kind != "file":
        return False
    return is_called_mail(_name(attachment), type_of(attachment))


def is_smime(attachment: Attachment) -> bool:
    """A file that holds a signed or encrypted mail (S/MIME)."""
    return is_called_signed(_name(attachment), type_of(attachment))


def is_calendar_file(attachment: Attachment) -> bool:
    """Such a file makes a message no invitation, whatever its type says."""
    is_named = _name(attachment).lower().endswith((".ics", ".vcs"))
    return is_named or type_of(attachment) in ("text/calendar", "application/ics")


def type_of(attachment: Attachment) -> str:
    """The media type in lower case without parameters."""
    return (attachment.content_type or "").partition(";")[0].strip().lower()


def charset_label(attachment: Attachment) -> str | None:
    """The charset that the type names, if it does."""
    found = re.search(r"""(?i);\s*charset\s*=\s*["']?([^\s"';]{1,60})""", (attachment.content_type or "")[:500])
    return found[1] if found else None


def _name(attachment: Attachment) -> str:
    return (attachment.name or "").strip()
