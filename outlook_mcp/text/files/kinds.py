"""What kind of file some bytes are: by what they begin with and contain, then by name, then by the sender's type.

Nothing is parsed here, only looked for in the bytes, so it costs the server milliseconds whatever a sender wrote.
"""

from __future__ import annotations

import re
import struct
from codecs import getincrementaldecoder
from enum import StrEnum


class FileKind(StrEnum):
    """The kinds that are told apart; the value is what people call it."""

    PDF = "PDF file"
    WORD = "Word document"
    SLIDES = "PowerPoint presentation"
    SHEET = "spreadsheet"
    OPEN_TEXT = "OpenDocument text"
    RICH_TEXT = "RTF file"
    OUTLOOK = "mail in Outlook's own format"
    SIGNED = "S/MIME"
    MAIL = "mail"
    CALENDAR = "calendar file"
    HTML = "HTML"
    TEXT = "text"
    ZIP = "ZIP archive"
    PICTURE = "picture"
    LOCKED_OFFICE = "Office file that is protected by a password"
    OLD_WORD = "Word document of the time before 2007 (.doc)"
    OLD_SLIDES = "PowerPoint presentation of the time before 2007 (.ppt)"
    ARCHIVE = "archive of another kind than ZIP"
    OTHER = "other"


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*")
_ARCHIVES = (b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh", b"\xfd7zXZ\x00")
# The end of a ZIP file: four numbers, then size and offset of the list of its members.
_END_OF_ZIP = b"PK\x05\x06"
_LIST_OF_ZIP = struct.Struct("<8xII")
_MOST_AFTER_END = 70_000
# Names of members of a ZIP file, by which the formats on top of it are told.
_ZIP_MEMBERS = (
    (b"word/document", FileKind.WORD),
    (b"ppt/presentation", FileKind.SLIDES),
    (b"xl/workbook", FileKind.SHEET),
    (b"workbook.xml", FileKind.SHEET),
)
_OPEN_DOCUMENTS = (
    (b"application/vnd.oasis.opendocument.spreadsheet", FileKind.SHEET),
    (b"application/vnd.oasis.opendocument.text", FileKind.OPEN_TEXT),
    (b"application/vnd.oasis.opendocument.presentation", FileKind.OPEN_TEXT),
)
# Names of streams of an OLE file (MS-CFB, section 2.6.1), in the order in which they decide.
_OLE_STREAMS = (
    ("__properties_version1.0", FileKind.OUTLOOK),
    ("EncryptedPackage", FileKind.LOCKED_OFFICE),
    ("Workbook", FileKind.SHEET),
    ("WordDocument", FileKind.OLD_WORD),
    ("PowerPoint Document", FileKind.OLD_SLIDES),
    ("Book", FileKind.SHEET),
)
_SIGNED_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_MAIL_TYPES = frozenset({"message/rfc822", "message/global", "multipart/related", "application/x-mimearchive"})
_MAIL_NAME = re.compile(r"\.(?:eml|mht|mhtml)$", re.I)
_HTML_NAME = re.compile(r"\.(?:html?|xhtml)$", re.I)
_HTML = re.compile(rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)\b", re.I | re.S)
_HEADER = re.compile(rb"(?:Received|Return-Path|From|Subject|Date|MIME-Version|Message-ID|To|Delivered-To):[ \t]", re.I)
_TEXT_TYPE = re.compile(
    r"(?:text|message)/|.*\+(?:xml|json)$|application/(?:json|xml|x-?yaml|javascript|sql|ics|(?:x-)?csv|pgp-signature"
    r"|pgp-keys|xhtml\+xml|x-subrip|toml|rtf)$"
)
_TEXT_NAME = re.compile(
    r"\.(?:txt|text|csv|tsv|tab|md|markdown|rst|log|json|jsonl|ndjson|xml|xsl|xsd|ya?ml|toml|ini|cfg|conf|ics|ical|vcf|vcard"
    r"|html?|xhtml|css|js|ts|py|java|c|h|cpp|cs|go|rs|rb|php|sh|bat|ps1|sql|srt|vtt|diff|patch|asc|tex|ged|edi|geojson)$",
    re.I,
)
_HEAD = 2_000
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def kind_of(raw: bytes, name: str = "", media_type: str = "") -> FileKind:
    """The kind of a file; `media_type` is what its sender calls it, in lower case and without parameters.

    >>> kind_of(b"%PDF-1.7 ...", "letter.txt", "text/plain").value
    'PDF file'
    >>> kind_of(b"name;price", "prices.bin").value, kind_of(bytes(9), "prices.txt").value
    ('text', 'other')
    """
    return _by_content(raw) or _by_name(raw, name.strip(), media_type)


def _is_binary(raw: bytes) -> bool:
    """Whether bytes that should be text cannot be: NULs on both sides of UTF-16, or the mark of another format."""
    head = raw[:_HEAD]
    is_utf_16 = head.startswith((b"\xff\xfe", b"\xfe\xff")) or not (b"\x00" in head[::2] and b"\x00" in head[1::2])
    return _by_content(raw) is not None or (b"\x00" in head and not is_utf_16)


def is_called_mail(name: str, media_type: str) -> bool:
    """Whether name or type say that a file holds a mail in MIME form."""
    return media_type in _MAIL_TYPES or bool(_MAIL_NAME.search(name))


def is_called_signed(name: str, media_type: str) -> bool:
    """Whether name or type say that a file holds a signed or encrypted mail (S/MIME)."""
    return media_type in _SIGNED_TYPES or name.lower().endswith(".p7m")


def _by_content(raw: bytes) -> FileKind | None:
    if raw.startswith((b"PK\x03\x04", _END_OF_ZIP)):
        return _kind_of_zip(raw)
    if raw.startswith(_OLE):
        return _kind_of_ole(raw)
    if b"%PDF-" in raw[:1024]:
        return FileKind.PDF
    if raw.lstrip()[:5] == rb"{\rtf":
        return FileKind.RICH_TEXT
    if raw.startswith(_PICTURES) or (raw[:4] == b"RIFF" and raw[8:12] == b"WEBP"):
        return FileKind.PICTURE
    return FileKind.ARCHIVE if raw.startswith(_ARCHIVES) else None


def _kind_of_zip(raw: bytes) -> FileKind:
    for mark, kind in _OPEN_DOCUMENTS:
        if mark in raw[:200]:
            return kind
    end = raw.rfind(_END_OF_ZIP, -_MOST_AFTER_END)
    if end < 0 or end + 4 + _LIST_OF_ZIP.size > len(raw):
        return FileKind.ZIP
    size, offset = _LIST_OF_ZIP.unpack_from(raw, end + 4)
    # Before the list other bytes may have been put, which its offset does not count.
    members = (
        raw[offset : offset + size] if raw[offset : offset + 4] == b"PK\x01\x02" else raw[max(0, end - size) : end]
    )
    if b"[Content_Types].xml" in members:
        return next((kind for name, kind in _ZIP_MEMBERS if name in members), FileKind.ZIP)
    return FileKind.ZIP


def _kind_of_ole(raw: bytes) -> FileKind:
    return next((kind for name, kind in _OLE_STREAMS if name.encode("utf-16-le") in raw), FileKind.OTHER)


def _by_name(raw: bytes, name: str, media_type: str) -> FileKind:
    if is_called_signed(name, media_type):
        return FileKind.SIGNED
    if is_called_mail(name, media_type):
        return FileKind.MAIL
    head = raw[:_HEAD]
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:15].upper() == b"BEGIN:VCALENDAR":
        return FileKind.CALENDAR
    if _is_binary(raw):
        return FileKind.OTHER
    is_named_text = bool(_TEXT_TYPE.match(media_type)) or bool(_TEXT_NAME.search(name))
    if _HTML.match(head) or media_type in ("text/html", "application/xhtml+xml") or _HTML_NAME.search(name):
        return FileKind.HTML
    if not is_named_text and len(_HEADER.findall(head)) >= 4 and _HEADER.match(head):
        return FileKind.MAIL
    return FileKind.TEXT if is_named_text or _seems_text(raw) else FileKind.OTHER


def _seems_text(raw: bytes) -> bool:
    """Bytes that nothing names: text if they are UTF-8 without control characters."""
    head = raw[:_HEAD]
    if not head or _NO_TEXT.search(head):
        return False
    try:
        # The last letter of the head may be cut.
        getincrementaldecoder("utf-8")().decode(head, final=len(raw) <= _HEAD)
    except UnicodeDecodeError:
        return False
    return True
