"""Files that must hold certificates are read when the settings are, not when the first peer connects."""

from __future__ import annotations

from pathlib import Path


def check_authorities(path: Path) -> Path:
    """A PEM file with certificates to trust."""
    # Only who sets such a file pays for loading OpenSSL here.
    import ssl

    try:
        ssl.create_default_context(cafile=path)
    except (ssl.SSLError, OSError):
        raise ValueError("a PEM file with one or more certificates") from None
    return path


def check_key_pair(path: Path) -> Path:
    """A PEM file with a certificate and its private key, not encrypted."""
    import ssl

    try:
        # Without a password given here, OpenSSL would ask for one on the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path, password="")
    except (ssl.SSLError, OSError, ValueError):
        raise ValueError("a PEM file with a certificate and its private key, not encrypted") from None
    return path
