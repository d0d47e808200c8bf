"""No word of a made file is missing from its text; `python -m tests.benchmarks.file_words` compares many more."""

from __future__ import annotations

from outlook_mcp.text.files.kinds import kind_of
from outlook_mcp.text.files.reading import has_reader
from outlook_mcp.text.files.result import FileText, decoded
from outlook_mcp.text.isolated.fork import job_module
from tests.benchmarks.file_words.references import words
from tests.effort import usually
from tests.text.files.corpus import made_files

JOBS = {"docx": "docx", "docm": "docx", "pptx": "slides", "xlsx": "sheets", "rtf": "rich_text", "odt": "open_text"}


def test_every_word_of_a_made_file_is_in_its_text() -> None:
    files = list(made_files())
    assert len(files) == 60
    for file in files[:: usually(3, thoroughly=1)]:
        assert has_reader(kind_of(file.content, file.name)), file.name
        ending = file.name.rpartition(".")[2]
        module = JOBS.get(ending) or {"pdf": "pdf", "ics": "calendar"}[ending]
        read = decoded(job_module(f"outlook_mcp.text.files.{module}").run(["1"], file.content))
        assert isinstance(read, FileText), file.name
        assert not words(file.text) - words(read.text.text), file.name
