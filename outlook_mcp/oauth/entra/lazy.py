"""What of Entra ID is loaded when it is first needed: the start of the server asks for no token."""

from outlook_mcp.net.lean_imports import lazy_imports

with lazy_imports():
    # PyJWT and the X.509 part of cryptography.
    from outlook_mcp.oauth.entra.certificate_credential import CertificateCredential

    # httpx and PyJWT, 250 ms.
    from outlook_mcp.oauth.entra.entra_client import EntraClient

    # azure-identity, half a second.
    from outlook_mcp.oauth.entra.managed_identity_credential import ManagedIdentityCredential
