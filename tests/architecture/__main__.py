"""`python -m tests.architecture` draws the picture of the imports into .github/ARCHITECTURE.md."""

from tests.architecture.picture import DOCUMENT, with_picture

DOCUMENT.write_text(with_picture(DOCUMENT.read_text("utf-8")), "utf-8")
