"""The certificate authority of the sandbox."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import trustme


class CertificateAuthority:
    """Made at first use in `folder`; `file` is the certificate that clients trust."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "sandbox-ca.pem"
        key_file = folder / "sandbox-ca-key.pem"
        if self.file.exists() and key_file.exists():
            self._authority = trustme.CA.from_pem(self.file.read_bytes(), key_file.read_bytes())
            return
        folder.mkdir(parents=True, exist_ok=True)
        self._authority = trustme.CA(organization_name="outlook-mcp sandbox")
        descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as stream:
            stream.write(self._authority.private_key_pem.bytes())
        self.file.write_bytes(self._authority.cert_pem.bytes())

    def server_context(self) -> ssl.SSLContext:
        """TLS for localhost, 127.0.0.1 and ::1."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._authority.issue_cert("localhost", "127.0.0.1", "::1").configure_cert(context)
        return context
