"""Which certificate authorities are trusted: one rule for every peer."""

from __future__ import annotations

import ssl
from functools import cache
from pathlib import Path

import certifi

from outlook_mcp.errors import ServerFileError


@cache
def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Trusts the public authorities, those of this machine, of SSL_CERT_FILE and SSL_CERT_DIR, and those of `ca_file`.

    Read once: it takes 50 ms. Raises ServerFileError when `ca_file` holds no certificate.
    """
    # Reads the two variables, too, which OpenSSL knows by itself.
    context = ssl.create_default_context()
    context.load_verify_locations(cafile=certifi.where())
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError):
            raise ServerFileError(f"ca_file: {ca_file} holds no certificate that can be read.") from None
    return context
