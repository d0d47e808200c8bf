"""How a file is named within a message: by the number of its attachment, and those of the files inside of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from outlook_mcp.errors import InvalidInput

# Files of a mail that is attachment 2 may be asked for as 201, 202 and so on.
_INSIDE = 100
_PATH = re.compile(r"(\d{1,6}(?:/\d{1,6}){0,6})(/links)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class AttachmentPath:
    """Attachment `number`, counted from 1, and `inside` of it the number of a file, of a file in that, and so on.

    In a PDF file, a presentation or a spreadsheet, the last number is a page, a slide or a sheet. With `only_links` its
    links are asked for in place of its text.
    """

    number: int
    inside: tuple[int, ...] = ()
    only_links: bool = False

    @classmethod
    def parse(cls, text: str) -> AttachmentPath:
        """Raises InvalidInput for what is no path.

        >>> AttachmentPath.parse("2/1")
        AttachmentPath(number=2, inside=(1,), only_links=False)
        >>> AttachmentPath.parse("2/links").only_links
        True
        """
        found = _PATH.fullmatch(text.strip())
        if found is None:
            raise InvalidInput(
                '`n` is the number of an attachment, such as "2", or of a file inside one, such as "2/1".'
            )
        number, *inside = map(int, found[1].split("/"))
        return cls(number, tuple(inside), only_links=found[2] is not None)

    def among(self, attachments: int) -> AttachmentPath:
        """The path in a message with so many attachments, where 203 may be file 3 of attachment 2.

        >>> AttachmentPath(203).among(2), AttachmentPath(203).among(300).number
        (AttachmentPath(number=2, inside=(3,), only_links=False), 203)
        """
        outer, inside = divmod(self.number, _INSIDE)
        if self.number > attachments and inside and 1 <= outer <= attachments:
            return AttachmentPath(outer, (inside, *self.inside), self.only_links)
        return self
