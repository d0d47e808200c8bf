"""The two cryptographic primitives of the vault, as `cryptography` provides them."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
TAG_BYTES = 16


def aes_gcm_encrypt(key: AESGCM, nonce: bytes, plaintext: bytes, associated_data: bytes) -> bytes:
    """Ciphertext and 16-byte tag (NIST SP 800-38D)."""
    return key.encrypt(nonce, plaintext, associated_data)


def aes_gcm_decrypt(key: AESGCM, nonce: bytes, ciphertext: bytes, associated_data: bytes) -> bytes | None:
    """The plaintext, or None when the tag does not fit."""
    try:
        return key.decrypt(nonce, ciphertext, associated_data)
    except InvalidTag:
        return None


def hkdf_sha256(secret: bytes, *, info: bytes, salt: bytes | None = None, length: int = 32) -> bytes:
    """Key derivation of RFC 5869."""
    return HKDF(SHA256(), length, salt=salt, info=info).derive(secret)
