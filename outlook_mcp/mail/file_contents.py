"""What the bytes of an attachment hold: the kind of file, its text, and the files inside of it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.models import Body
from outlook_mcp.mail.files import charset_label, type_of
from outlook_mcp.mail.models import AttachedItem, Attachment, FileInside
from outlook_mcp.text.charsets import label_in_html
from outlook_mcp.text.decoding import decode
from outlook_mcp.text.files.kinds import FileKind, kind_of
from outlook_mcp.text.files.reading import missing_library
from outlook_mcp.text.files.result import Member
from outlook_mcp.text.isolated.processes import shared_processes

OPEN_IT = "Ask the user to open it in Outlook."
# More characters than that are never shown of a text, in any charset.
_MOST_TEXT_BYTES = 8 * 2**20
_READ_MAIL = "outlook_mcp.mail.mime.job"
# The jobs that list the files in a file of this kind and take one out, with their arguments.
_JOBS: dict[FileKind, tuple[str, ...]] = {
    FileKind.MAIL: (_READ_MAIL,),
    FileKind.SIGNED: (_READ_MAIL, "signed"),
    FileKind.OUTLOOK: ("outlook_mcp.mail.msg.job",),
    FileKind.ZIP: ("outlook_mcp.text.files.archive",),
}


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """An attachment or a file inside of one, its bytes, and its path in the message: `2` or `2/1`."""

    attachment: Attachment
    content: bytes
    path: str
    kind: FileKind


@dataclass(frozen=True, slots=True)
class FileBody:
    """`charset` is how the bytes were read; with `is_guess` nothing told it."""

    body: Body
    charset: str
    is_guess: bool = False


def opened(attachment: Attachment, content: bytes, path: str) -> OpenedFile:
    """A file with its kind. An attached item is a mail, whatever it is called."""
    kind = kind_of(content, attachment.name or "", type_of(attachment))
    return OpenedFile(attachment, content, path, FileKind.MAIL if attachment.kind == "item" else kind)


async def file_inside(file: OpenedFile, number: int) -> OpenedFile:
    """File `number` of those in a mail or an archive. Raises InvalidInput if there is none."""
    job = _JOBS.get(file.kind)
    if job is None:
        raise InvalidInput("This attachment holds no files that can be read.")
    if (missing := missing_library(file.kind)) is not None:
        raise InvalidInput(f"There, {missing.reason}.", next_step=missing.next_step)
    written = await shared_processes().run(*job, str(number), source=file.content)
    try:
        found = msgspec.msgpack.decode(written, type=tuple[FileInside, bytes] | None)
    except msgspec.DecodeError:
        found = None
    if found is None:
        raise InvalidInput(
            f"There is no file {number} in attachment {file.path} that can be read.",
            next_step=f'Read n="{file.path}" to see them.',
        )
    inside, content = found
    return opened(as_attachment(inside, file.attachment), content, f"{file.path}/{number}")


def as_attachment(file: FileInside | Member, outer: Attachment) -> Attachment:
    """A file inside of an attachment as one; it has no id of its own."""
    return Attachment(
        id=outer.id,
        name=file.name,
        content_type=file.content_type,
        size=file.size,
        is_inline=isinstance(file, FileInside) and file.is_inline,
    )


async def mail_in(file: OpenedFile) -> AttachedItem | None:
    """The mail of a file. None for one of S/MIME that is encrypted; InvalidInput when it costs too much to read."""
    job, *arguments = _JOBS[file.kind]
    written = await shared_processes().run(job, *arguments, source=file.content)
    try:
        return msgspec.json.decode(written, type=AttachedItem | None)
    except msgspec.DecodeError:
        raise InvalidInput("This attachment is a mail that cannot be read.", next_step=OPEN_IT) from None


async def text_in(file: OpenedFile) -> FileBody:
    """The text of a file that is text or HTML."""
    raw = file.content[:_MOST_TEXT_BYTES]
    text = await decode(raw, charset_label(file.attachment) or label_in_html(raw))
    body = Body(content_type="html" if file.kind is FileKind.HTML else "text", content=text.text)
    return FileBody(body, text.charset, text.is_guess)
