"""Where the text of a reply ends and the history below it begins, in the languages mail programs speak."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from outlook_mcp.text.characters import count_visible
from outlook_mcp.text.isolated.spending import current_spending
from outlook_mcp.text.quotes.attributions import ORIGINAL, WROTE, WROTE_FIRST, WROTE_WITHOUT_EDGES
from outlook_mcp.text.quotes.footers import list_footer_start, signature_start
from outlook_mcp.text.quotes.header_names import FROM, OTHERS, SENT
from outlook_mcp.text.quotes.quoted_lines import is_quoted, is_quoted_at_length, join_broken_quotes, shorten_quotes

_LONGEST_LINE = 300
_BEGIN_RULES = frozenset(">-_=*")
_ORIGINAL = rf"[>\s]*[-_=*]{{2,}}\s*(?:{ORIGINAL})\s*[-_=*:]*"
_FIRST_WORDS = r"[>\s]*(?:-{2,}\s*)?(?:on|le|am|el|il|op|em|den|dne|w dniu|dnia|на|ti|pada|tarihinde|van|vom)\b"
_WROTE = (
    rf"{_FIRST_WORDS}.{{4,250}}"
    r"\b(?:wrote|writes|a écrit|schrieb|escribió|ha scritto|schreef|napisał(?:\(a\)|a)?|escreveu|skrev|написал\(?а?\)?"
    r"|kirjoitti|yazdı|napsal\(?a?\)?)\s*(?:[:：]\s*|-{2,}\s*|\Z)"
    r"|[>\s]*(?:am|op|den|på)\b.{4,150}\b(?:schrieb|schreef|skrev)\b.{0,120}[:：]"
    # Notes, and programs that set the time behind the verb.
    r"|[>\s]*\S.{1,100}\bwrote on\b.{1,30}\d{2}.{1,12}\b\d{1,2}:\d{2}.{0,12}[:：]"
)
# In many languages: a time, a day or an address, that somebody wrote, and a colon.
_SOMEBODY_WROTE = (
    r"(?=.{8,300}[:：]\W?$)(?=.*(?:\d{1,2}[:.h]\d{2}|\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}|@))"
    rf".*(?:(?<!\w)(?:{WROTE})(?!\w)\W{{0,3}}|{WROTE_WITHOUT_EDGES}|(?<!\w)(?:{WROTE_FIRST})(?!\w).{{0,150}})[:：]\W?"
)
# Right above quoted lines: who wrote them, with or without a time.
_ATTRIBUTION_OF_QUOTE = rf"(?=.*(?:\d{{1,2}}[:.h]\d{{2}}|\b(?:19|20)\d\d\b|@)|.*(?:{WROTE})\W*$).{{4,200}}[:：]\W?"
# In any language: one line with an address or a clock time that ends in a colon.
_ATTRIBUTION = re.compile(r"(?=.{12,260}[:：][\u200e\u200f\u202c]*$)(?=.*\d{1,2}[:.h]\d{2})(?=.*[@<]).*")
_BEGINNING = re.compile(_FIRST_WORDS, re.I)
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}|\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}|\b(?:19|20)\d\d\b")
_RULE = re.compile(r"_{3,}|-{20,}")
_SPACE_OR_MARK = re.compile(r"[\s>*_|-]+")
_PARAGRAPH = re.compile(r"\n\s*\n")
_SHORTEST_BLOCK = 12


class _Patterns(NamedTuple):
    original: re.Pattern[str]
    wrote: re.Pattern[str]
    from_line: re.Pattern[str]
    sent_line: re.Pattern[str]
    other_line: re.Pattern[str]
    attribution_of_quote: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    """Compiled when first needed: so many names would slow the start of the server."""
    from_line, sent_line, other_line = (
        re.compile(rf"[>*\s|]*(?:{names})\*?\s*[:：]", re.I) for names in (FROM, SENT, OTHERS)
    )
    return _Patterns(
        re.compile(_ORIGINAL, re.I),
        re.compile(f"{_WROTE}|{_SOMEBODY_WROTE}", re.I | re.S),
        from_line,
        sent_line,
        other_line,
        re.compile(_ATTRIBUTION_OF_QUOTE, re.I),
    )


def drop_history(text: str, *, is_html: bool = False) -> tuple[str, int]:
    """The text above the history, and how many characters were cut. Answers between quoted lines stay.

    So do a signature and the lines of a mailing list below it, unless there is nothing else.
    """
    lines = text.split("\n")
    if ">" not in text and _history_start(lines[: list_footer_start(lines)]) is None:
        return text.rstrip(), 0
    lines = join_broken_quotes(lines)
    end = signature_start(lines[: list_footer_start(lines)])
    start = _history_start(lines[:end])
    first = _first_quoted_mail(lines[:end], start, is_html=is_html)
    shortened = 0
    if start is not None and not _has_answer_below(lines[start:end]):
        kept = "\n".join(lines[:start])
    else:
        start = max(first, _start_of_last_quote(lines[:end]))
        kept, shortened = shorten_quotes(lines[first:start])
        kept = "\n".join([*lines[:first], kept])
    cut = count_visible("\n".join(lines[start:end])) + shortened
    if not cut:
        return text.rstrip(), 0
    if not count_visible(kept):
        return "", count_visible(text)
    return "\n".join([kept.rstrip(), "", *lines[end:]]).rstrip(), cut


def _first_quoted_mail(lines: list[str], start: int | None, *, is_html: bool) -> int:
    """From which line on quoted lines are earlier mail and no commands, points or words that the writer set apart.

    An attribution line proves it and, in plain text, lines that were quoted twice, or many of them. In what was HTML
    the writer may have indented much.
    """
    if not is_html and is_quoted_at_length(lines):
        return 0
    attributions = (number for number in range(len(lines) - 1) if _is_attribution_of_quote(lines, number))
    first = next(attributions, len(lines))
    return first if start is None else min(first, start)


def _is_attribution_of_quote(lines: list[str], number: int) -> bool:
    line = lines[number].strip()
    if not _has_colon(line) or len(line) > _LONGEST_LINE:
        return False
    following = next((line for line in lines[number + 1 : number + 3] if line.strip()), "")
    return is_quoted(following) and bool(_patterns().attribution_of_quote.fullmatch(line))


def _start_of_last_quote(lines: list[str]) -> int:
    """Where quoted lines begin that nothing follows, with the line that says who wrote them."""
    start = len(lines)
    while start and (not lines[start - 1].strip() or is_quoted(lines[start - 1])):
        start -= 1
    has_quote = any(map(is_quoted, lines[start:]))
    for above in (1, 2):
        if has_quote and start >= above and _is_wrote_line(lines[: start + above - 1], start - above):
            return start - above
    return start - 1 if has_quote and start and _is_attribution_of_quote(lines, start - 1) else start


def drop_repeated(text: str, earlier: Sequence[str]) -> tuple[str, int]:
    """Leaves out trailing paragraphs that stand in an earlier message: history and signatures in any language."""
    seen = [_keys_of(message) for message in earlier]
    blocks = _PARAGRAPH.split(text)
    keep = len(blocks)
    while keep > 1 and _is_seen(blocks[keep - 1], seen):
        keep -= 1
    if keep == len(blocks):
        return text, 0
    return "\n\n".join(blocks[:keep]).rstrip(), count_visible("\n".join(blocks[keep:]))


def _history_start(lines: list[str]) -> int | None:
    for number, raw in enumerate(lines):
        line = raw.strip()
        if not line or len(line) > _LONGEST_LINE:
            continue
        may_be_rule = line[0] in _BEGIN_RULES
        if (may_be_rule and _patterns().original.match(line)) or _is_attribution(line) or _is_wrote_line(lines, number):
            return number
        if _is_header_block(lines, number):
            has_rule = number > 0 and _RULE.fullmatch(lines[number - 1].strip())
            return number - 1 if has_rule else number
    return None


def _has_colon(text: str) -> bool:
    """Most lines have none, which takes far less to find out than what the long patterns say of them."""
    return ":" in text or "：" in text


def _says_who_wrote(text: str) -> bool:
    """Only what begins as it does in some languages may have no colon."""
    may_say = _has_colon(text) or _BEGINNING.match(text) is not None
    return may_say and _patterns().wrote.fullmatch(text) is not None


def _is_attribution(line: str) -> bool:
    return _has_colon(line) and _ATTRIBUTION.fullmatch(line) is not None


def _is_wrote_line(lines: list[str], number: int) -> bool:
    """`On Monday Megan wrote:`, possibly wrapped onto a second line."""
    line = lines[number].strip()
    if _says_who_wrote(line):
        return True
    following = lines[number + 1].strip() if number + 1 < len(lines) else ""
    if len(following) > _LONGEST_LINE:
        return False
    if not _says_who_wrote(f"{line} {following}"):
        # In any language, right above quoted lines.
        below = next((line for line in lines[number + 2 : number + 4] if line.strip()), "")
        return is_quoted(below) and not _is_attribution(following) and _is_attribution(f"{line} {following}")
    if not _says_who_wrote(following):
        return True
    # What stands above a whole attribution line may be the answer itself.
    is_begun = bool(_BEGINNING.match(line)) and not _BEGINNING.match(following)
    return bool(_TIME.search(line)) and (is_begun or not _TIME.search(following))


def _is_header_block(lines: list[str], number: int) -> bool:
    """From, Sent and one more header within a few lines, as Outlook puts above the history."""
    patterns, line = _patterns(), lines[number]
    if not (_has_colon(line) and (patterns.from_line.match(line) or patterns.sent_line.match(line))):
        return False
    window = lines[number : number + 8]
    needed = (patterns.from_line, patterns.sent_line, patterns.other_line)
    return all(any(pattern.match(line) for line in window) for pattern in needed)


def _has_answer_below(lines: Sequence[str]) -> bool:
    """After quoted lines somebody writes again, so the history is not the end."""
    has_quote = False
    for line in lines[1:]:
        if is_quoted(line):
            has_quote = True
        elif has_quote and line.strip():
            return True
    return False


def history_headers(lines: list[str]) -> set[int]:
    """The indexes of the lines that say who wrote a quoted message, or when, and are no text of a message."""
    found: set[int] = set()
    patterns = _patterns()
    for number, line in enumerate(lines):
        if not line.strip() or len(line) > _LONGEST_LINE:
            continue
        if _is_header_block(lines, number):
            fields = (patterns.from_line, patterns.sent_line, patterns.other_line)
            block = range(number, min(number + 8, len(lines)))
            found |= {place for place in block if any(pattern.match(lines[place]) for pattern in fields)}
        elif _history_start([line]) == 0:
            found.add(number)
        elif _is_wrote_line(lines, number):
            found |= {number, number + 1}
    return found


def _key(block: str) -> str:
    return _SPACE_OR_MARK.sub("", block).casefold()


def _keys_of(message: str) -> frozenset[str]:
    """The keys of all paragraphs and lines. Computed once in a call, which asks again with each message of a thread."""
    results = current_spending().results
    key = ("keys", message)
    known = results.get(key)
    if not isinstance(known, frozenset):
        known = results[key] = frozenset(map(_key, [*_PARAGRAPH.split(message), *message.split("\n")]))
    return known


def _is_seen(block: str, seen: Sequence[frozenset[str]]) -> bool:
    if len(_key(block)) < _SHORTEST_BLOCK and "\n" not in block.strip():
        return not _key(block)
    if any(_key(block) in keys for keys in seen):
        return True
    lines = [line for line in block.split("\n") if _key(line)]
    return len(lines) > 1 and all(any(_key(line) in keys for keys in seen) for line in lines)
