"""`python -m tests.readme` writes the generated tables into the documents."""

from tests.readme.tables import README, TROUBLESHOOTING, with_tables

for document in (README, TROUBLESHOOTING):
    document.write_text(with_tables(document.read_text()))
