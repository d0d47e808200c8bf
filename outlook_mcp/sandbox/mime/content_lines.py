"""The lines that iCalendar (RFC 5545, 3.1) and vCard (RFC 6350, 3.3) are made of: `NAME;PARAMETER=value:value`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"(?:[\w-]+\.)?([\w-]+)((?:;(?:\"[^\"]*\"|[^\":;])*)*):(.*)", re.DOTALL)
# vCard 2.1 writes types alone, as in `TEL;WORK:`.
_PARAMETER = re.compile(r";(?:([\w-]+)=)?((?:\"[^\"]*\"|[^\":;])*)")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_COMMA, _SEMICOLON = re.compile(r"(?<!\\),"), re.compile(r"(?<!\\);")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_LINE_LIMIT, _LENGTH_LIMIT = 2_000, 1_000_000
_FOLD_AT = 70


@dataclass(frozen=True, slots=True)
class ContentLine:
    """Names are upper case; `value` is as it is written, `text` without its escapes."""

    name: str
    parameters: Mapping[str, str]
    value: str

    @property
    def text(self) -> str:
        return unescape_text(self.value)

    @property
    def items(self) -> list[str]:
        """The parts of a value between commas, without escapes."""
        return [unescape_text(part) for part in _COMMA.split(self.value)]

    @property
    def fields(self) -> list[str]:
        """The parts of a value between semicolons, without escapes."""
        return [unescape_text(part) for part in _SEMICOLON.split(self.value)]


def read_content_lines(text: str) -> Iterator[ContentLine]:
    """At most 2,000 lines; what is no content line is left out."""
    unfolded = _FOLD.sub("", text[:_LENGTH_LIMIT])
    for line in re.split(r"\r\n|\r|\n", unfolded)[:_LINE_LIMIT]:
        if found := _LINE.fullmatch(line):
            yield ContentLine(found[1].upper(), _parameters(found[2]), found[3])


def components(text: str, name: str) -> Iterator[str]:
    """Each part of a file from a line `BEGIN:name` to the next `END:name`, whatever stands between them.

    >>> list(components("BEGIN:VCARD\\nFN:Bo\\nEND:VCARD\\nBEGIN:VCARD\\n", "VCARD"))
    ['BEGIN:VCARD\\nFN:Bo\\nEND:VCARD']
    """
    begin, end = f"BEGIN:{name}", f"END:{name}"
    inside: list[str] | None = None
    for line in re.split(r"\r\n|\r|\n", text):
        mark = line.rstrip().upper()
        if inside is None:
            inside = [line] if mark == begin else None
            continue
        inside.append(line)
        if mark == end:
            yield "\n".join(inside)
            inside = None


def _parameters(text: str) -> dict[str, str]:
    """By name; what is given several times is joined by commas.

    >>> _parameters(";HOME;TYPE=voice")
    {'TYPE': 'HOME,voice'}
    """
    found: dict[str, list[str]] = {}
    for name, value in _PARAMETER.findall(text):
        found.setdefault((name or "TYPE").upper(), []).append(value.strip('"'))
    return {name: ",".join(values) for name, values in found.items()}


def unescape_text(value: str) -> str:
    r"""A value of type TEXT without its escapes.

    >>> unescape_text(r"Lift\, ground floor\nRing twice")
    'Lift, ground floor\nRing twice'
    """
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def escape_text(text: str) -> str:
    r"""The reverse of `unescape_text`.

    >>> escape_text("Lift, ground floor")
    'Lift\\, ground floor'
    """
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(re.split(r"\r\n|\r|\n", escaped))


def write_content_line(name: str, value: str, **parameters: str) -> str:
    r"""One line, folded, with its line break; `value` is escaped already.

    >>> write_content_line("ATTENDEE", "mailto:a@x.example", CN="Bo Ek")
    'ATTENDEE;CN="Bo Ek":mailto:a@x.example\r\n'
    """
    quoted = "".join(f';{key}="{_quotable(text)}"' for key, text in parameters.items())
    line = f"{name}{quoted}:{_CONTROLS.sub(' ', value)}"
    pieces = [line[start : start + _FOLD_AT] for start in range(0, len(line), _FOLD_AT)]
    return "\r\n ".join(pieces) + "\r\n"


def _quotable(text: str) -> str:
    return _CONTROLS.sub(" ", text.replace('"', " "))
