"""The parts that client credentials share."""

from __future__ import annotations

from pathlib import Path

from outlook_mcp.errors import ServerFileError

# RFC 7523 section 2.2
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Bytes.
LARGEST_FILE = 64 * 1024


def assertion_parameters(assertion: str) -> dict[str, str]:
    """The form fields of a client assertion (RFC 7523)."""
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}


def read_credential_file(file: Path) -> bytes:
    """The first 64 KiB of the file. Raises ServerFileError when it cannot be read."""
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST_FILE)
    except OSError as error:
        raise ServerFileError(f"{file}: cannot be read: {error.strerror or error}.") from None
