"""Bearer tokens, handles and states are looked up by digest, so a stolen store gives no access."""

from __future__ import annotations

import hmac

from pydantic import SecretBytes, SecretStr


class Digests:
    """HMAC-SHA256 under a pepper: `await vault.derive_key("digests")` gives one that outlives key rotation."""

    def __init__(self, pepper: SecretBytes) -> None:
        self._pepper = pepper

    def digest_of(self, purpose: str, value: SecretStr) -> str:
        """64 hexadecimal digits; the same value has unrelated digests for two purposes."""
        name = purpose.encode()
        message = len(name).to_bytes(4, "big") + name + value.get_secret_value().encode()
        return hmac.digest(self._pepper.get_secret_value(), message, "sha256").hex()

    def matches(self, purpose: str, value: SecretStr, digest: str) -> bool:
        """Compared in constant time."""
        return hmac.compare_digest(self.digest_of(purpose, value).encode(), digest.encode())
