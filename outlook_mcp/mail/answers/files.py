"""Files as answers name them, and what is said of those that hold a message nobody can read here."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from outlook_mcp.errors.counting import counted
from outlook_mcp.mail.files import is_calendar_file, is_mail, is_smime, type_of
from outlook_mcp.mail.models import Attachment
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.files.kinds import FileKind

_LONGEST_FILE_NAME = 120
# Logos in signatures are smaller, and programs give them names; a photo or a screenshot is larger and may matter.
_SMALL_PICTURE = 25_000
_NO_OWN_NAME = re.compile(
    r"(?:image|img|inline|outlook|att|attachment|signature|logo|icon|facebook|linkedin|twitter|instagram|youtube|x|spacer"
    r"|banner|footer|header|line|pixel|unnamed)?[\W_]*[\da-f]*(?:-[\da-z]+)*(?:\.(?:png|gif|jpe?g|bmp|webp|svg|bin|dat))?",
    re.I,
)
_ELSEWHERE = "the user can open it in Outlook"
# What a file of this type is, where that is no program's own format that its name tells.
_KINDS = {
    "application/pkcs7-signature": "S/MIME signature",
    "application/x-pkcs7-signature": "S/MIME signature",
    "application/pgp-signature": "PGP signature",
    "application/pgp-encrypted": "PGP, encrypted",
    "application/ms-tnef": "TNEF, a format of Outlook",
    "application/vnd.ms-tnef": "TNEF, a format of Outlook",
    "application/x-microsoft-rpmsg-message": "protected by rights management",
    "application/vnd.ms-outlook": "a mail in Outlook's own format",
    "message/delivery-status": "delivery report",
    "message/global-delivery-status": "delivery report",
    "message/disposition-notification": "receipt",
    "message/feedback-report": "report of abuse",
    "text/rfc822-headers": "headers of a mail",
}
# Servers on the way often call these application/octet-stream.
_KINDS_BY_NAME = {
    ".msg": _KINDS["application/vnd.ms-outlook"],
    ".rpmsg": _KINDS["application/x-microsoft-rpmsg-message"],
    ".p7s": _KINDS["application/pkcs7-signature"],
}
# By their metadata alone nobody can tell what a receipt says.
_REPORTS = {
    "delivery report": "a delivery report: {} tells for whom and why",
    "receipt": "a receipt for a message that was read, or deleted unread: {} tells which and for whom",
    "report of abuse": "a report of abuse (ARF): {} tells of what kind and from where",
}
# By their bytes; these have no reader.
_UNREAD_KINDS = {
    FileKind.OLD_WORD: "a Word document in the format of before 2007 (.doc)",
    FileKind.OLD_SLIDES: "a PowerPoint presentation in the format of before 2007 (.ppt)",
    FileKind.ARCHIVE: "an archive that is no ZIP file",
}
_SIGNED = "signed with {}; the signature was not checked"
_PGP_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_PGP_MESSAGE = "-----BEGIN PGP MESSAGE-----"


def file_line(attachment: Attachment) -> str:
    """`report.pdf (application/pdf, 120 KB)`."""
    name = one_line(attachment.name or "", _LONGEST_FILE_NAME) or "unnamed"
    kind = {"item": "attached mail", "reference": "link to a file"}.get(attachment.kind)
    kind = kind or one_line((attachment.content_type or "").partition(";")[0], 60) or "unknown type"
    return f"{name} ({kind}, {size_text(attachment.size or 0)}{', inline' if attachment.is_inline else ''})"


def _what_it_is(attachment: Attachment) -> str:
    """What a special file holds; "" for any other."""
    if is_smime(attachment):
        return "S/MIME, signed or encrypted"
    name = (attachment.name or "").lower()
    if name == "winmail.dat":
        return _KINDS["application/ms-tnef"]
    by_name = next((kind for ending, kind in _KINDS_BY_NAME.items() if name.endswith(ending)), "")
    return by_name or _KINDS.get(type_of(attachment), "")


def files_line(attachments: Sequence[Attachment], *, each: bool = False) -> str:
    """All files with their numbers; small pictures in the text are only counted without `each`. "" if there is none."""
    small = {number for number, attachment in enumerate(attachments, 1) if not each and _is_small_picture(attachment)}
    files = [f"{number}: {file_line(file)}" for number, file in enumerate(attachments, 1) if number not in small]
    if small:
        files.append(counted(len(small), "small inline picture"))
    return "; ".join(files)


def special_notes(
    attachments: Sequence[Attachment], text: str = "", *, is_reported: bool = False, read: Container[int] = ()
) -> list[str]:
    """Why a message shows no text of its own although it has one, and where its text or its reasons are.

    With `is_reported` the answer tells already what a delivery report says, and what the files say that are `read`.
    """
    notes: dict[str, None] = {}
    for number, attachment in enumerate(attachments, 1):
        kind = _what_it_is(attachment)
        if is_smime(attachment):
            notes[
                f"S/MIME: its text is in attachment {number}; mail_attachment n={number} reads it if it is signed only,"
                f" and if it is encrypted {_ELSEWHERE}"
            ] = None
        elif "PGP, encrypted" in kind:
            notes[_encrypted_by_pgp()] = None
        elif "TNEF" in kind:
            notes[f"its formatted text and files are in TNEF, which is not read here; {_ELSEWHERE}"] = None
        elif "rights management" in kind:
            notes[f"its text is protected by rights management; {_ELSEWHERE}"] = None
        elif kind == "delivery report" and is_reported:
            continue
        elif kind in _REPORTS:
            notes[_REPORTS[kind].format(f"mail_attachment n={number}")] = None
        elif is_calendar_file(attachment) and number not in read:
            notes[f"attachment {number} is a calendar file; mail_attachment n={number} shows when and where"] = None
        elif kind in ("S/MIME signature", "PGP signature"):
            notes[_SIGNED.format(kind.partition(" ")[0])] = None
    if _PGP_MESSAGE in text[:5000]:
        notes[_encrypted_by_pgp()] = None
    if _PGP_SIGNED in text[:5000]:
        notes[_SIGNED.format("PGP")] = None
    return list(notes)


def unreadable_reason(attachment: Attachment, kind: FileKind = FileKind.OTHER) -> str:
    """Why the content of an attachment is not shown, of which kind it may be by its bytes."""
    if attachment.kind == "reference":
        return "the file is stored in the cloud"
    if is_smime(attachment):
        return f"it is encrypted or broken S/MIME; {_ELSEWHERE}"
    if is_mail(attachment):
        return "it is a mail that cannot be read"
    known = _what_it_is(attachment) or _UNREAD_KINDS.get(kind, "")
    return f"it is {known}; {_ELSEWHERE}" if known else "it is not text"


def size_text(count: int) -> str:
    """`950 B`, `120 KB` or `1.5 MB`."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.0f} KB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def _is_small_picture(attachment: Attachment) -> bool:
    is_picture = type_of(attachment).startswith("image/")
    is_named = not _NO_OWN_NAME.fullmatch((attachment.name or "")[:200])
    return bool(attachment.is_inline) and is_picture and not is_named and (attachment.size or 0) <= _SMALL_PICTURE


def _encrypted_by_pgp() -> str:
    return "encrypted with PGP: only a program that has the user's key can read it"
