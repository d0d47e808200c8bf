"""`python -m tests.benchmarks.file_words [FOLDER]`: the words of attached files against LibreOffice and pdftotext.

Files that the tests make are compared with what was written into them, those of the folder, which are of other people
and stay outside of the project, with what the two programs see. In workbooks 3/7/26 and 2026-07-03
are the same, as are 05 and 5, and TRUE and 1. LibreOffice gets workbooks of Excel with the values that these have
saved, without formulas and pivot tables, which it would reckon anew, and documents of Word without deleted words.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import anyio

from outlook_mcp.text.files.kinds import kind_of
from outlook_mcp.text.files.reading import Unread, has_reader, read_file
from tests.benchmarks.figure import Figure, header
from tests.benchmarks.file_words.references import ENDINGS, missing_programs, reference_texts, words, words_of_cells
from tests.text.files.corpus import made_files

_WORKBOOKS = (".xlsx", ".xls", ".ods")


async def text_of(name: str, content: bytes) -> tuple[str, float]:
    """The text of a file as `mail_attachment` has it read, "" where it has none, and the seconds that it took."""
    kind = kind_of(content, name)
    begun = perf_counter()
    read = await read_file(content, kind) if has_reader(kind) else Unread("")
    took = perf_counter() - begun
    if isinstance(read, Unread):
        return "", took
    text = read.text.text
    for link in read.text.links:
        # Of an address the host and a number are shown, by which the whole of it is asked for.
        text = text.replace(f"{link.host}[{link.number}]", f" {link.original or link.url} ")
    return text, took


def missed(expected: str, found: str, *, is_workbook: bool) -> tuple[int, int]:
    """How many of the words of the expected text are missing, and how many there are."""
    wanted, there = map(words_of_cells if is_workbook else words, (expected, found))
    return (wanted - there).total(), wanted.total()


async def figures(others: Sequence[Path]) -> list[Figure]:
    """One row of words and one of times, for the made files and for those of other people."""
    expected = {file.name: (file.content, file.text) for file in made_files()}
    # Once before, so that the process and its libraries are there.
    for content, _ in {name.rpartition(".")[2]: pair for (name, pair) in expected.items()}.values():
        await text_of("warm", content)
    rows = [await _compared("made by the tests", expected)]
    if others:
        seen = reference_texts(others)
        contents = {file.name: (file.read_bytes(), text) for file, text in seen.items()}
        rows.append(await _compared("of other people", contents))
    return [figure for row in rows for figure in row]


async def _compared(whose: str, files: dict[str, tuple[bytes, str]]) -> list[Figure]:
    lost, of_all = 0, 0
    times: list[float] = []
    for name, (content, text) in files.items():
        found, seconds = await text_of(name, content)
        missing, count = missed(text, found, is_workbook=name.lower().endswith(_WORKBOOKS))
        if missing * 100 > count:
            print(f"{name}: {missing} of {count} words missing", file=sys.stderr)
        lost, of_all = lost + missing, of_all + count
        times.append(seconds)
    share = 100 * lost / max(1, of_all)
    return [
        Figure(f"words missing, {len(files)} files {whose}", f"{of_all} words", f"{lost}", share, 1.0, "%"),
        Figure("the same: median time of a file", "-", f"{max(times):.2f} s at most", median(times), 0.15, "s"),
    ]


def main() -> int:
    """Exit status 1 when a figure misses its bound, 2 when a folder is given and a program is missing."""
    parser = ArgumentParser(prog="python -m tests.benchmarks.file_words")
    parser.add_argument("folder", type=Path, nargs="?", help="files of Office and PDF to compare as well")
    folder: Path | None = parser.parse_args().folder
    if folder is not None and (missing := missing_programs()):
        print(f"Install what is compared with: {', '.join(missing)}.", file=sys.stderr)
        return 2
    files = [] if folder is None else sorted(folder.iterdir())
    found = anyio.run(figures, [file for file in files if file.suffix.lower() in ENDINGS])
    print(header("expected", "missing"))
    for figure in found:
        print(figure.row())
    return 0 if all(figure.holds for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
