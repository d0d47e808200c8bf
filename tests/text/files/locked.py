"""Encrypted files of Office, written for the tests (MS-OFFCRYPTO)."""

from __future__ import annotations

import struct
from base64 import b64encode
from hashlib import md5, sha1, sha512

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from tests.text.files.compound import compound

SALT = bytes(range(16))
_TURNS = 1_000


def _encrypted(mode: CBC | ECB, key: bytes, content: bytes) -> bytes:
    encryptor = Cipher(AES(key), mode).encryptor()
    return encryptor.update(content + bytes(-len(content) % 16)) + encryptor.finalize()


def agile(content: bytes, password: str) -> bytes:
    """A file as Office 2010 and later encrypt it, with SHA-512 and AES of 256 bits."""
    digest = sha512(SALT + password.encode("utf-16-le")).digest()
    for turn in range(_TURNS):
        digest = sha512(struct.pack("<I", turn) + digest).digest()
    key, checked = b"k" * 32, b"verified by this"

    def sealed(block: str, value: bytes) -> str:
        own = sha512(digest + bytes.fromhex(block)).digest()[:32]
        return b64encode(_encrypted(CBC(SALT), own, value)).decode()

    segments = [
        _encrypted(CBC(sha512(SALT + struct.pack("<I", number)).digest()[:16]), key, content[start : start + 4096])
        for number, start in enumerate(range(0, len(content), 4096))
    ]
    shared = f'saltValue="{b64encode(SALT).decode()}" keyBits="256" hashAlgorithm="SHA512" cipherAlgorithm="AES"'
    info = (
        f'<encryption><keyData {shared}/><keyEncryptor><p:encryptedKey xmlns:p="p" {shared} spinCount="{_TURNS}"'
        f' encryptedVerifierHashInput="{sealed("fea7d2763b4b9e79", checked)}"'
        f' encryptedVerifierHashValue="{sealed("d7aa0f6d3061344e", sha512(checked).digest())}"'
        f' encryptedKeyValue="{sealed("146e0be7abacd0d6", key)}"/></keyEncryptor></encryption>'
    )
    return _package(struct.pack("<HHI", 4, 4, 0x40) + info.encode(), content, b"".join(segments))


def standard(content: bytes, password: str) -> bytes:
    """A file as Office 2007 encrypts it, with SHA-1 and AES of 128 bits."""
    digest = sha1(SALT + password.encode("utf-16-le")).digest()
    for turn in range(50_000):
        digest = sha1(struct.pack("<I", turn) + digest).digest()
    digest = sha1(digest + bytes(4)).digest()
    key = sha1(bytes(byte ^ 0x36 for byte in digest.ljust(64, b"\0"))).digest()[:16]
    checked = b"verified by this"
    header = struct.pack("<8I", 0x24, 0, 0x660E, 0x8004, 128, 0x18, 0, 0)
    sealed = _encrypted(ECB(), key, checked), 20, _encrypted(ECB(), key, sha1(checked).digest())
    info = struct.pack("<HHII", 4, 2, 0x24, len(header)) + header
    info += struct.pack("<I16s16sI32s", 16, SALT, *sealed)
    return _package(info, content, _encrypted(ECB(), key, content))


def _package(info: bytes, content: bytes, encrypted: bytes) -> bytes:
    return compound({"EncryptionInfo": info, "EncryptedPackage": struct.pack("<Q", len(content)) + encrypted})


def old_records(stream: bytes, password: str, *, crypto_api: bool) -> bytes:
    """The records of a workbook of the time before 2007, encrypted by RC4, with the record of the lock among them."""
    secret = password.encode("utf-16-le")
    if crypto_api:
        begun, digest = sha1(SALT + secret).digest(), sha1
        header = struct.pack("<8I", 4, 0, 0x6801, 0x8004, 128, 1, 0, 0)
        head = struct.pack("<HHHII", 1, 4, 2, 4, len(header)) + header + struct.pack("<I", 16) + SALT
    else:
        begun, digest = md5((md5(secret).digest()[:5] + SALT) * 16).digest()[:5], md5
        head = struct.pack("<HHH", 1, 1, 1) + SALT

    def block(number: int, data: bytes) -> bytes:
        key = digest(begun + struct.pack("<I", number)).digest()[:16]
        return Cipher(ARC4(key), mode=None).encryptor().update(data)

    checked = b"verified by this"
    proof = block(0, checked + digest(checked).digest())
    lock = head + (proof[:16] + struct.pack("<I", 20) + proof[16:] if crypto_api else proof)
    first = 4 + int.from_bytes(stream[2:4], "little")
    whole = stream[:first] + struct.pack("<HH", 0x2F, len(lock)) + lock + stream[first:]
    keys = b"".join(block(number, bytes(1024)) for number in range(len(whole) // 1024 + 1))
    written, place = bytearray(whole), 0
    while place + 4 <= len(whole):
        kind, size = struct.unpack_from("<HH", whole, place)
        start = place + 4 + (4 if kind == 0x85 else 0)
        place += 4 + size
        if kind not in (0x809, 0x2F):
            written[start:place] = bytes(a ^ b for a, b in zip(whole[start:place], keys[start:place], strict=True))
        if kind == 0x85:
            # The sheet stands behind the lock now.
            moved = int.from_bytes(whole[start - 4 : start], "little") + 4 + len(lock)
            written[start - 4 : start] = struct.pack("<I", moved)
    return bytes(written)
