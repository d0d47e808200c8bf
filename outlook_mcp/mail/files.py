"""What kind of file an attachment is, by its type and, as many programs know no better type, by its name."""

from __future__ import annotations

import re

from outlook_mcp.mail.models import Attachment

_TEXT_TYPES = frozenset(
    {
        "application/json",
        "application/xml",
        "application/x-yaml",
        "application/yaml",
        "application/javascript",
        "application/sql",
        "application/ics",
        "application/csv",
        "application/x-csv",
        "application/pgp-signature",
        "application/pgp-keys",
        "application/xhtml+xml",
        "application/x-subrip",
        "application/toml",
    }
)
# Types that say nothing of the content. Browsers on Windows call a CSV file one of Excel.
_VAGUE_TYPES = frozenset(
    {
        "",
        "application/octet-stream",
        "application/unknown",
        "application/x-unknown",
        "application/download",
        "application/x-download",
        "application/force-download",
        "application/x-msdownload",
        "application/vnd.ms-excel",
        "binary/octet-stream",
        "unknown/unknown",
        "file",
    }
)
_TEXT_NAME = re.compile(
    r"\.(?:txt|text|csv|tsv|tab|md|markdown|rst|log|json|jsonl|ndjson|xml|xsl|xsd|ya?ml|toml|ini|cfg|conf|ics|ical|vcf|vcard"
    r"|html?|xhtml|css|js|ts|py|java|c|h|cpp|cs|go|rs|rb|php|sh|bat|ps1|sql|srt|vtt|diff|patch|asc|tex|ged|edi|geojson)$",
    re.I,
)
_HTML_NAME = re.compile(r"\.(?:html?|xhtml)$", re.I)
_MAIL_NAME = re.compile(r"\.(?:eml|mht|mhtml)$", re.I)
_MAIL_TYPES = frozenset({"message/rfc822", "message/global", "multipart/related", "application/x-mimearchive"})
# Portable documents, ZIP and thereby Office, pictures, older Office, gzip.
_OTHER_FORMATS = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")
_SIGNED_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})


def is_mail(attachment: Attachment) -> bool:
    """A file that holds a mail in MIME form."""
    if attachment.kind != "file":
        return False
    return type_of(attachment) in _MAIL_TYPES or bool(_MAIL_NAME.search(_name(attachment)))


def is_smime(attachment: Attachment) -> bool:
    """A file that holds a signed or encrypted mail (S/MIME)."""
    return type_of(attachment) in _SIGNED_TYPES or _name(attachment).lower().endswith(".p7m")


def is_text(attachment: Attachment) -> bool:
    """A file that is text by its type, or by its name where the type says nothing."""
    if attachment.kind != "file":
        return False
    kind = type_of(attachment)
    if kind.startswith(("text/", "message/")) or kind in _TEXT_TYPES or kind.endswith(("+xml", "+json")):
        return True
    return kind in _VAGUE_TYPES and bool(_TEXT_NAME.search(_name(attachment)))


def is_html(attachment: Attachment) -> bool:
    """A text that is a page of HTML."""
    kind = type_of(attachment)
    return kind in ("text/html", "application/xhtml+xml") or (
        kind in _VAGUE_TYPES and bool(_HTML_NAME.search(_name(attachment)))
    )


def is_binary(raw: bytes) -> bool:
    """Whether bytes that should be text cannot be: NULs on both sides of UTF-16, or the mark of another format."""
    head = raw[:2000]
    if head.startswith(_OTHER_FORMATS):
        return True
    is_utf_16 = head.startswith((b"\xff\xfe", b"\xfe\xff")) or not (b"\x00" in head[::2] and b"\x00" in head[1::2])
    return b"\x00" in head and not is_utf_16


def type_of(attachment: Attachment) -> str:
    """The media type in lower case without parameters."""
    return (attachment.content_type or "").partition(";")[0].strip().lower()


def charset_label(attachment: Attachment) -> str | None:
    """The charset that the type names, if it does."""
    found = re.search(r"""(?i);\s*charset\s*=\s*["']?([^\s"';]{1,60})""", (attachment.content_type or "")[:500])
    return found[1] if found else None


def _name(attachment: Attachment) -> str:
    return (attachment.name or "").strip()
