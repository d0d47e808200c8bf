"""Reading the mail of one file as a job of a worker process: the library's parser bounds neither time nor memory."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from outlook_mcp.mail.mime.delivery_status import read_reports
from outlook_mcp.mail.mime.reader import read_file, read_mail
from outlook_mcp.mail.mime.smime import signed_content


def run(arguments: Sequence[str], source: bytes) -> bytes:
    """A mail in MIME form becomes an AttachedItem as JSON; with the argument `signed`, the one in a file of S/MIME.

    With the argument `report`, a delivery report becomes a list of RecipientReport.

    With a number as argument, the file of this number in it becomes a pair of FileInside and content in MessagePack.
    The result is null if the file is encrypted or there is no such file.
    """
    if "report" in arguments:
        return msgspec.json.encode(read_reports(source))
    content = signed_content(source) if "signed" in arguments else source
    if content is None:
        return b"null"
    numbers = [int(argument) for argument in arguments if argument.isdecimal()]
    if numbers:
        return msgspec.msgpack.encode(read_file(content, numbers[0]))
    return msgspec.json.encode(read_mail(content))
