"""Quoted lines of an earlier message in plain text: made whole again, and shortened to what an answer answers."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.errors.counting import counted
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
        if not line.strip():
            continue
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

    Blank lines do not end a run. Returns the text and how many characters were left out.
    """
    kept: list[str] = []
    run: list[str] = []
    cut = 0
    for line in lines:
        if is_quoted(line) or (run and not line.strip()):
            run.append(line)
            continue
        cut += _close_run(run, kept)
        kept.append(line)
        run = []
    cut += _close_run(run, kept)
    return "\n".join(kept).rstrip(), cut


def _close_run(run: Sequence[str], kept: list[str]) -> int:
    """Adds to `kept` what is shown of a run. Returns how many characters are left out."""
    shown, blank = _last_of(run)
    short = [_end_of(line) for line in shown]
    if left_out := _spoken(run) - _spoken(shown):
        kept.append(f"> [{counted(left_out, 'line')} left out]")
    kept += [*short, *blank]
    return max(0, count_visible("\n".join(run)) - count_visible("\n".join(short)))


def _spoken(lines: Sequence[str]) -> int:
    return sum(bool(line.strip()) for line in lines)


def _last_of(run: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The quoted lines that are shown of a run, and the blank lines behind it.

    Of a long run they are the last lines of a paragraph of one writer, no signature; none when no line has words.
    """
    whole = len(run)
    while whole and not run[whole - 1].strip():
        whole -= 1
    blank, run = run[whole:], run[:whole]
    if _spoken(run) <= _SHOWN_LINES + 1:
        return run, blank
    end = next((number for number, line in enumerate(run) if number and line.strip(_MARKS) == "--"), len(run))
    while end and not run[end - 1].strip(_MARKS):
        end -= 1
    start = max(0, end - 1)
    while start > 0 and end - start < _SHOWN_LINES and _goes_on(run[start - 1], run[start]):
        start -= 1
    return run[start:end], blank


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
