"""`python -m tests.readme` writes the generated tables into the documents, and records the output schemas of tools."""

from tests.readme.tables import README, TROUBLESHOOTING, with_tables
from tests.tools.output_schemas import RECORDED_SCHEMAS, schemas_as_text

for document in (README, TROUBLESHOOTING):
    document.write_text(with_tables(document.read_text()))
RECORDED_SCHEMAS.write_text(schemas_as_text())
