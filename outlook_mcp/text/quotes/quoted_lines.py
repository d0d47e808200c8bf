"""Quoted lines of an earlier message in plain text: made whole again, and shortened to what an answer answers."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.text.characters import count_visible

_MARKS = "> \t"
# So many lines right above an answer show what it answers. As many quoted lines and one more are shown whole.
_SHOWN_LINES = 2
_LONG_RUN = 8
_LONGEST_SHOWN = 200
_END_OF_LONG_LINE = 160
# A program that puts `> ` before lines of 72 characters and breaks them again leaves their ends as lines of their own.
_SHORTEST_BROKEN = 60
_LONGEST_END = 30
_FEWEST_ENDS = 2
_SENTENCE_ENDS = ".?!:;)"


def is_quoted(line: str) -> bool:
    """Whether a mail program put `>` before the line."""
    return line.lstrip().startswith(">")


def is_quoted_at_length(lines: Sequence[str]) -> bool:
    """Whether lines were quoted twice, or a run of them is longer than people write themselves."""
    run = 0
    for line in lines:
        run = run + 1 if is_quoted(line) else 0
        if run == _LONG_RUN or (run and _depth(line) > 1):
            return True
    return False


def join_broken_quotes(lines: list[str]) -> list[str]:
    """The lines, with the ends of quoted lines that a program broke once more put back behind these.

    An answer of a few words looks like such an end, so only messages count in which the runs of lines between quoted
    ones are all such ends, and at least two.
    """
    between = _runs_between(lines)
    width = max(map(len, lines), default=0)
    if len(between) < _FEWEST_ENDS or not all(_is_broken_end(lines, start, end, width) for start, end in between):
        return lines
    joined: list[str] = []
    done = 0
    for start, end in between:
        joined += lines[done:start]
        joined[-1] = " ".join([joined[-1].rstrip(), *map(str.strip, lines[start:end])])
        done = end
    return joined + lines[done:]


def _runs_between(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Start and end of each run of lines that stands between two quoted lines without a blank line."""
    runs: list[tuple[int, int]] = []
    start = 0
    for number, line in enumerate(lines):
        if is_quoted(line):
            if 0 < start < number:
                runs.append((start, number))
            start = number + 1
        elif not line.strip():
            start = 0
    return runs


def _is_broken_end(lines: Sequence[str], start: int, end: int, width: int) -> bool:
    """A few words that had no room on the quoted line above, which ends within a sentence."""
    above, first = lines[start - 1].rstrip(), lines[start].split(maxsplit=1)[0]
    return (
        end - start <= _FEWEST_ENDS
        and all(len(line.strip()) <= _LONGEST_END for line in lines[start:end])
        and len(above) >= _SHORTEST_BROKEN
        and len(above) + len(first) >= width - 1
        and above[-1] not in _SENTENCE_ENDS
    )


def shorten_quotes(lines: Sequence[str]) -> tuple[str, int]:
    """Of a long run of quoted lines the last ones, which an answer follows, and a count of the others.

    Returns the text and how many characters were left out.
    """
    kept: list[str] = []
    run: list[str] = []
    cut = 0
    for line in [*lines, ""]:
        if is_quoted(line):
            run.append(line)
            continue
        shown = _last_of(run) if len(run) > _SHOWN_LINES + 1 else run
        short = [_end_of(line) for line in shown]
        cut += max(0, count_visible("\n".join(run)) - count_visible("\n".join(short)))
        if len(shown) < len(run):
            kept.append(f"> [{len(run) - len(shown)} lines left out]")
        kept += [*short, line]
        run = []
    return "\n".join(kept).rstrip(), cut


def _last_of(run: Sequence[str]) -> Sequence[str]:
    """The last lines of a paragraph of one writer, no signature; nothing when no line has words."""
    end = next((number for number, line in enumerate(run) if number and line.strip(_MARKS) == "--"), len(run))
    while end and not run[end - 1].strip(_MARKS):
        end -= 1
    start = max(0, end - 1)
    while start > 0 and end - start < _SHOWN_LINES and _goes_on(run[start - 1], run[start]):
        start -= 1
    return run[start:end]


def _goes_on(line: str, following: str) -> bool:
    return bool(line.strip(_MARKS)) and _depth(line) == _depth(following)


def _depth(line: str) -> int:
    return line[: len(line) - len(line.lstrip(_MARKS))].count(">")


def _end_of(line: str) -> str:
    """The end of a long line, such as a paragraph of HTML: a question stands at the end more often."""
    if len(line) <= _LONGEST_SHOWN:
        return line
    end = line[-_END_OF_LONG_LINE:]
    return f"{'>' * _depth(line)} … {end.partition(' ')[2] or end}"
