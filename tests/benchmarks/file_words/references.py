"""What LibreOffice and pdftotext see in files; both are used by this benchmark alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import unicodedata
import zlib
from collections import Counter
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, is_zipfile

# Every sheet of a workbook as a file of its own, cells as they are shown.
_SHEETS = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"
_TARGETS = {
    **dict.fromkeys((".docx", ".rtf", ".odt"), "txt:Text (encoded):UTF8"),
    **dict.fromkeys((".xlsx", ".xls", ".ods"), _SHEETS),
    **dict.fromkeys((".pptx", ".odp"), "fodp"),
}
ENDINGS = (".pdf", *_TARGETS)
# The paragraphs of a presentation that LibreOffice has read: pages of its own drawing part letters of missing fonts.
_SLIDES = re.compile(r"<office:presentation>.*</office:presentation>", re.S)
_PARAGRAPH = re.compile(r"<text:(p|h)\b[^>]*(?<!/)>.*?</text:\1>", re.S)
_TAG = re.compile(
    r"(</text:p>|</text:h>|<text:line-break/>|<text:tab/>|<text:s\b[^>]*>)"
    r"|<text:(?:page-number|date|time)\b[^>]*>[^<]*</text:(?:page-number|date|time)>|<[^>]*>"
)
# Of a cell with a value, and the relation of a sheet to a pivot table.
_RECKONED = re.compile(rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)(?=\s*<(?:\w+:)?v>[^<])")
_DELETED = re.compile(rb"<w:(del|moveFrom)\s[^>]*[^/]>.*?</w:\1>", re.S)
_PIVOT_TABLE = re.compile(rb"<Relationship\s[^>]*/pivotTable\"[^>]*?/>")
_WORD = re.compile(r"[^\W_]+")
# What the cell holds is #VALUE! or #NUM!, as Excel has it.
_OWN_ERROR = re.compile(r"\bErr:\d{3}\b")
# A day in digits, which LibreOffice shows as the country of the file has it, and we as ISO 8601.
_DAY = re.compile(r"(?<![\d./-])(\d{1,4})([./-]) ?(\d{1,2})\2 ?(\d{1,4})(?!\d)")
_TRUTH = {"true": "1", "false": "0"}
# What pdftotext makes of a word of a scan with letters that are far apart: three and more of them by themselves.
_SPACED_LETTERS = re.compile(r"(?<!\S)(?:[^\W_] ){2,}[^\W_](?!\S)")
_HYPHEN_AT_END = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]\s*\n\s*(?=[^\W\d_])")


def missing_programs() -> list[str]:
    """Those of the two that are not installed."""
    return [program for program in ("soffice", "pdftotext") if shutil.which(program) is None]


def words(text: str) -> Counter[str]:
    """How often each word stands in a text, whatever its letters look like and wherever its lines end.

    >>> words("The ﬁrst, the sec-\\nond")
    Counter({'the': 2, 'first': 1, 'second': 1})
    """
    text = _HYPHEN_AT_END.sub("", unicodedata.normalize("NFKC", text))
    return Counter(_WORD.findall(text.casefold()))


def words_of_cells(text: str) -> Counter[str]:
    """As `words`, for workbooks: days in whatever order of their numbers, and numbers without zeros before them.

    TRUE is 1 in them and FALSE is 0, as LibreOffice shows those of older workbooks.

    >>> words_of_cells("3/7/26 09 TRUE") == words_of_cells("2026-07-03 9 1")
    True
    """
    text = _DAY.sub(lambda day: f" day{'x'.join(map(str, sorted(int(day[n]) % 100 for n in (1, 3, 4))))} ", text)
    found: Counter[str] = Counter()
    for word, count in words(text).items():
        found[(word.lstrip("0") or "0") if word.isdecimal() else _TRUTH.get(word, word)] += count
    return found


def reference_texts(files: Sequence[Path]) -> dict[Path, str]:
    """The texts of those files that the programs can read."""
    found: dict[Path, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "saved").mkdir()
        for target in dict.fromkeys(_TARGETS.values()):
            group = [_as_saved(file, Path(folder)) for file in files if _TARGETS.get(file.suffix.lower()) == target]
            # One start of LibreOffice reads many files.
            for start in range(0, len(group), 40):
                _convert(group[start : start + 40], target, Path(folder))
        for file in files:
            text = _text_of(file, Path(folder), {other.stem for other in files})
            if text is not None:
                found[file] = text
    return found


def _as_saved(file: Path, folder: Path) -> Path:
    """A workbook of Excel without formulas and pivot tables, so that its values are those that are saved with it.

    A document of Word without the words that were deleted while changes were tracked.
    """
    if file.suffix.lower() not in (".xlsx", ".docx") or not is_zipfile(file):
        return file
    written = folder / "saved" / file.name
    try:
        with ZipFile(file) as given, ZipFile(written, "w", ZIP_DEFLATED) as kept:
            for info in given.infolist():
                content = given.read(info)
                if "worksheets/" in info.filename.lower():
                    content = _PIVOT_TABLE.sub(b"", _RECKONED.sub(b"", content))
                elif info.filename.startswith("word/"):
                    content = _DELETED.sub(b"", content)
                kept.writestr(info, content)
    except (BadZipFile, zlib.error, NotImplementedError):
        return file
    return written


def _convert(files: Sequence[Path], target: str, folder: Path) -> None:
    command = ["soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{folder}/profile"]
    into = ["--convert-to", target, "--outdir", str(folder / target[:3])]
    subprocess.run([*command, *into, *map(str, files)], check=False, capture_output=True, timeout=600)


def _text_of(file: Path, folder: Path, stems: set[str]) -> str | None:
    target = "pdf" if file.suffix.lower() == ".pdf" else _TARGETS[file.suffix.lower()][:3]
    if target == "csv":
        # Names of sheets follow that of the workbook, which may begin like that of another one.
        sheets = [
            sheet
            for sheet in sorted((folder / "csv").glob(f"{_escaped(file.stem)}-*.csv"))
            if not any(sheet.name.startswith(f"{longer}-") for longer in stems if longer.startswith(f"{file.stem}-"))
        ]
        shown = "\n".join(sheet.read_text("utf-8", "replace") for sheet in sheets)
        return _OWN_ERROR.sub("", shown) if sheets else None
    if target == "txt":
        text = folder / "txt" / f"{file.stem}.txt"
        return text.read_text("utf-8", "replace") if text.exists() else None
    if target == "fod":
        slides = folder / "fod" / f"{file.stem}.fodp"
        found = _SLIDES.search(slides.read_text("utf-8", "replace")) if slides.exists() else None
        # Between the paragraphs are pictures, as letters and digits.
        lines = "\n".join(paragraph[0] for paragraph in _PARAGRAPH.finditer(found[0])) if found else None
        return unescape(_TAG.sub(lambda tag: "\n" if tag[1] else "", lines)) if lines is not None else None
    read = subprocess.run(["pdftotext", "-q", str(file), "-"], check=False, capture_output=True, timeout=60)
    if read.returncode != 0:
        return None
    return _SPACED_LETTERS.sub(lambda word: word[0].replace(" ", ""), read.stdout.decode("utf-8", "replace"))


def _escaped(stem: str) -> str:
    return re.sub(r"([\[*?])", r"[\1]", stem)
