"""`python -m tests.readme` writes the generated tables into the README."""

from tests.readme.tables import README, with_tables

README.write_text(with_tables(README.read_text()))
