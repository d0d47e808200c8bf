"""The sealed form of every record: AES-256-GCM, bound to its owner, its name and its generation.

    magic "OMV" | format 1 | algorithm 1 | key id (8) | nonce (12) | ciphertext and tag (n + 16)

A user's records are sealed under that user's data key; the data keys are themselves one such record, sealed
under the master key. The wrapped data key is kept once per user and named here by its key id, so deleting
that single row shreds every record of the user. Format 1 must stay readable; a change gets a new number.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretBytes

from outlook_mcp.errors import RecordBroken
from outlook_mcp.vault.primitives import NONCE_BYTES, TAG_BYTES, aes_gcm_decrypt, aes_gcm_encrypt, hkdf_sha256
from outlook_mcp.vault.records import RecordKey

KEY_BYTES = 32
_MAGIC = b"OMV"
_FORMAT = 1
_AES_256_GCM = 1
_KEY_ID_BYTES = 8
_PREFIX = _MAGIC + bytes((_FORMAT, _AES_256_GCM))
_HEADER_BYTES = len(_PREFIX) + _KEY_ID_BYTES
OVERHEAD_BYTES = _HEADER_BYTES + NONCE_BYTES + TAG_BYTES


def derive_key(secret: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose: HKDF-SHA256 (RFC 5869) without salt, the purpose as info."""
    return hkdf_sha256(secret, info=b"outlook-mcp vault 1 " + purpose.encode())


@dataclass(frozen=True, slots=True)
class SealingKey:
    """32 secret bytes and the id derived from them: one id can never stand for two keys."""

    secret: SecretBytes
    id: str = field(init=False)
    _subkeys: dict[str, AESGCM] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        raw = self.secret.get_secret_value()
        if len(raw) != KEY_BYTES:
            raise ValueError(f"a sealing key has {KEY_BYTES} bytes, not {len(raw)}")
        object.__setattr__(self, "id", derive_key(raw, "key id")[:_KEY_ID_BYTES].hex())

    @classmethod
    def generate(cls) -> SealingKey:
        return cls(SecretBytes(os.urandom(KEY_BYTES)))

    def subkey(self, kind: str) -> AESGCM:
        """The key that encrypts records of one type; derived at the first use and kept with this object."""
        subkey = self._subkeys.get(kind)
        if subkey is None:
            subkey = self._subkeys[kind] = AESGCM(derive_key(self.secret.get_secret_value(), f"seal {kind}"))
        return subkey


def seal(key: SealingKey, name: RecordKey, generation: int, value: bytes) -> bytes:
    """The encrypted form of `value`, which decrypts only with this key, for this record, at this generation."""
    nonce = os.urandom(NONCE_BYTES)
    ciphertext = aes_gcm_encrypt(key.subkey(name.kind), nonce, value, _associated_data(key.id, name, generation))
    return _PREFIX + bytes.fromhex(key.id) + nonce + ciphertext


def unseal(key: SealingKey, name: RecordKey, generation: int, blob: bytes) -> bytes:
    """The value. Raises RecordBroken for a blob that was not sealed with this key for this record and generation."""
    if sealing_key_id(name, blob) != key.id:
        raise _broken(name)
    nonce = blob[_HEADER_BYTES : _HEADER_BYTES + NONCE_BYTES]
    ciphertext = blob[_HEADER_BYTES + NONCE_BYTES :]
    value = aes_gcm_decrypt(key.subkey(name.kind), nonce, ciphertext, _associated_data(key.id, name, generation))
    if value is None:
        raise _broken(name)
    return value


def sealing_key_id(name: RecordKey, blob: bytes) -> str:
    """The id of the key that sealed this blob, from its header, which is not authenticated. Raises RecordBroken."""
    if len(blob) < OVERHEAD_BYTES or not blob.startswith(_PREFIX):
        raise _broken(name)
    return blob[len(_PREFIX) : _HEADER_BYTES].hex()


def _associated_data(key_id: str, name: RecordKey, generation: int) -> bytes:
    fields = (
        bytes((_FORMAT,)),
        name.user.tid.encode(),
        name.user.oid.encode(),
        name.kind.encode(),
        name.id.encode(),
        str(generation).encode(),
        bytes((_AES_256_GCM,)),
        bytes.fromhex(key_id),
    )
    return b"".join(len(part).to_bytes(4, "big") + part for part in fields)


def _broken(name: RecordKey) -> RecordBroken:
    return RecordBroken(f"The stored {name.kind} record of {name.user} is not sealed for its owner or was altered.")
