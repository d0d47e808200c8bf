"""Workbooks of the time before 2007 that open without a question although they are encrypted (MS-XLS, section 2.2.10).

Excel encrypts a workbook of which only a part is protected, such as the order of its sheets, with a password that every
program knows. Needs olefile.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from hashlib import md5, sha1
from hmac import compare_digest
from io import BytesIO

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher
from olefile import OleFileIO

from outlook_mcp.text.files.gathering import UnreadableFile
from outlook_mcp.text.files.old_workbook import workbook_stream
from outlook_mcp.text.files.result import LOCKED
from outlook_mcp.text.files.unlocking import KNOWN_PASSWORD

# Numbers of records: a password, the name of a user, which no reader of cells needs, and the place of a sheet.
_LOCK, _IDLE, _SHEET = 0x2F, 0x5C, 0x85
_NEVER_ENCRYPTED = frozenset({0x809, _LOCK, 0x194, 0x195, 0xE1, 0x138, 0x196})
_RC4_BLOCK = 1024
# Key and check of the known password, and what fills it up to 16 bytes (MS-OFFCRYPTO, section 2.3.7.2).
_KEY, _CHECK, _FILL = 0xB359, 0x9A0A, b"\xbb"
_ROTATED = bytes((byte << 3 | byte >> 5) & 0xFF for byte in range(256))

# The plain bytes of a part of the stream, from its place on, or of a block by its number.
_Decrypt = Callable[[int, bytes], bytes]


def without_known_password(source: bytes) -> bytes:
    """The workbook as it was before it was encrypted. Raises UnreadableFile where it asks for another password."""
    name, stream = workbook_stream(source)
    lock = next((data for kind, _, data in _first(stream) if kind == _LOCK), None)
    if lock is None:
        return source
    decrypt = _xor(lock) if name == "Book" or lock[:2] == b"\0\0" else _rc4(lock, len(stream))
    if decrypt is None:
        raise UnreadableFile(LOCKED)
    written = BytesIO(source)
    with OleFileIO(written, write_mode=True) as file:
        file.write_stream(name, _decrypted(stream, decrypt))
        return written.getvalue()


def _first(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The records before the end of the globals: a lock stands among them."""
    for record in _records(stream):
        yield record
        if record[0] == 0x0A:
            return


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    start = 0
    while start + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, start)
        yield kind, start + 4, stream[start + 4 : start + 4 + size]
        start += 4 + size


def _decrypted(stream: bytes, decrypt: _Decrypt) -> bytes:
    plain = bytearray(stream)
    for kind, start, data in _records(stream):
        if kind == _LOCK:
            struct.pack_into("<H", plain, start - 4, _IDLE)
        elif kind not in _NEVER_ENCRYPTED:
            kept = 4 if kind == _SHEET else 0
            plain[start + kept : start + len(data)] = decrypt(start, data)[kept:]
    return bytes(plain)


def _xor(lock: bytes) -> _Decrypt | None:
    if struct.unpack("<HH", lock[-4:]) != (_KEY, _CHECK):
        return None
    password = KNOWN_PASSWORD[::2] + _FILL
    mixed = (byte ^ (_KEY >> 8 * (place % 2) & 0xFF) for place, byte in enumerate(password))
    key = bytes((byte << 2 | byte >> 6) & 0xFF for byte in mixed)

    def decrypt(start: int, data: bytes) -> bytes:
        first = (start + len(data)) % 16
        stream = (key * (len(data) // 16 + 2))[first : first + len(data)]
        return _both(data.translate(_ROTATED), stream)

    return decrypt


def _rc4(lock: bytes, size: int) -> _Decrypt | None:
    block = _of_office_97(lock) if lock[2:6] == b"\1\0\1\0" else _of_crypto_api(lock)
    if block is None:
        return None
    stream = b"".join(block(number, bytes(_RC4_BLOCK)) for number in range(size // _RC4_BLOCK + 1))
    return lambda start, data: _both(data, stream[start : start + len(data)])


def _of_office_97(lock: bytes) -> _Decrypt | None:
    """MS-OFFCRYPTO, section 2.3.6."""
    salt, verifier = struct.unpack_from("<16s32s", lock, 6)
    begun = _md5(_md5(KNOWN_PASSWORD)[:5] + salt, times=16)[:5]

    def block(number: int, data: bytes) -> bytes:
        return _by_rc4(_md5(begun + struct.pack("<I", number)), data)

    shown = block(0, verifier)
    return block if compare_digest(_md5(shown[:16]), shown[16:]) else None


def _of_crypto_api(lock: bytes) -> _Decrypt | None:
    """MS-OFFCRYPTO, section 2.3.5."""
    size_of_header, bits = struct.unpack_from("<I16xI", lock, 10)
    salt, verifier, expected = struct.unpack_from("<4x16s16s4x20s", lock, 14 + size_of_header)
    begun = sha1(salt + KNOWN_PASSWORD, usedforsecurity=False).digest()

    def block(number: int, data: bytes) -> bytes:
        key = sha1(begun + struct.pack("<I", number), usedforsecurity=False).digest()[: (bits or 40) // 8]
        return _by_rc4(key.ljust(16, b"\0") if len(key) == 5 else key, data)

    shown = block(0, verifier + expected)
    return block if compare_digest(sha1(shown[:16], usedforsecurity=False).digest(), shown[16:]) else None


def _md5(data: bytes, times: int = 1) -> bytes:
    return md5(data * times, usedforsecurity=False).digest()


def _by_rc4(key: bytes, data: bytes) -> bytes:
    return Cipher(ARC4(key), mode=None).decryptor().update(data)


def _both(left: bytes, right: bytes) -> bytes:
    number = int.from_bytes(left, "little") ^ int.from_bytes(right[: len(left)], "little")
    return number.to_bytes(len(left), "little")
