"""Files of ten formats with known words, made for the tests: six of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.text.files.made import docx, ics, odt, pdf, pptx, rtf, slide_text, word_paragraph, word_table, xlsx

_TEXTS = (
    "The quick brown fox jumps over the lazy dog, and then it rests for a while.",
    "Franz jagt im komplett verwahrlosten Taxi quer durch Bayern. Größe, Maß, Übung.",
    "Voix ambiguë d’un cœur qui au zéphyr préfère les jattes de kiwis.",
    "El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia y frío.",
    "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "いろはにほへと ちりぬるを 我が世誰ぞ 常ならむ",
)
_ROWS = (("Chair", "Table"), ("Berlin", "Zürich"))


@dataclass(frozen=True)
class MadeFile:
    """A file, and all words that stand in it."""

    name: str
    content: bytes
    text: str


def made_files() -> Iterator[MadeFile]:
    """Short and long ones, in several scripts where the format has them."""
    for number, sentence in enumerate(_TEXTS):
        lines = [sentence] * (1 + 40 * number)
        cells = " ".join(cell for row in _ROWS for cell in row)
        whole = "\n".join([*lines, cells])
        paragraphs = "".join(map(word_paragraph, lines)) + word_table(_ROWS)
        yield MadeFile(f"{number}.docx", docx(paragraphs), whole)
        yield MadeFile(
            f"{number}.docm", docx("<w:p/>", footnotes=f'<w:footnote w:id="1">{paragraphs}</w:footnote>'), whole
        )
        yield MadeFile(f"{number}.pptx", pptx([slide_text(line) for line in lines]), "\n".join(lines))
        yield MadeFile(f"{number}.xlsx", xlsx({"Texts": [*[[line] for line in lines], *_ROWS]}), whole)
        yield MadeFile(f"{number}.rtf", rtf(lines, _ROWS), whole)
        yield MadeFile(f"{number}.odt", odt("".join(f"<text:p>{line}</text:p>" for line in lines)), "\n".join(lines))
        meetings = [f"DTSTART:20261130T090000Z\nSUMMARY:{sentence.replace(',', chr(92) + ',')}"] * min(20, len(lines))
        yield MadeFile(f"{number}.ics", ics(*meetings), "\n".join([sentence] * len(meetings)))
        latin = _TEXTS[number % 4].replace("\u2019", "'")
        yield MadeFile(f"{number}.pdf", pdf([[latin] * 40] * (1 + number)), "\n".join([latin] * 40 * (1 + number)))
        yield MadeFile(f"{number}.long.pdf", pdf([[latin]] * 30), "\n".join([latin] * 30))
        yield MadeFile(
            f"{number}.sheets.xlsx", xlsx({f"S{n}": [[sentence]] for n in range(9)}), "\n".join([sentence] * 9)
        )
