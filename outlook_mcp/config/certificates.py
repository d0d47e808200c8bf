"""Checks files with certificates when the settings are read, not when the first connection is made."""

from __future__ import annotations

import ssl
from pathlib import Path


def check_authorities(path: Path) -> Path:
    """`path`, if it is a PEM file with certificate authorities. Raises ValueError."""
    try:
        ssl.create_default_context(cafile=path)
    except (ssl.SSLError, OSError):
        raise ValueError("a PEM file with one or more certificates") from None
    return path


def check_key_pair(path: Path) -> Path:
    """`path`, if it is a PEM file with a certificate and its unencrypted private key. Raises ValueError."""
    try:
        # Without a password given here, OpenSSL would ask for one on the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path, password="")
    except (ssl.SSLError, OSError, ValueError):
        raise ValueError("a PEM file with a certificate and its private key, not encrypted") from None
    return path
