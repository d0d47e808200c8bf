"""Office files that open without a question although they are encrypted, as a job of a worker process.

Office encrypts workbooks and others of which only a part is protected, such as the order of the sheets, with a password
that every program knows (MS-OFFCRYPTO, sections 2.3 and 2.4.2.3). Needs olefile.
"""

from __future__ import annotations

import struct
from base64 import b64decode
from binascii import Error
from collections.abc import Sequence
from hashlib import new as new_hash
from hashlib import sha1
from hmac import compare_digest
from xml.etree.ElementTree import Element, TreeBuilder

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from olefile import OleFileIO

from outlook_mcp.text.files.packed_xml import BROKEN, safe_parser

KNOWN_PASSWORD = "VelvetSweatshop".encode("utf-16-le")
_AGILE = (4, 4)
# Of agile encryption (MS-OFFCRYPTO, section 2.3.4.11 and following): what a key is for.
_FOR_INPUT, _FOR_VALUE, _FOR_KEY = (
    bytes.fromhex(block) for block in ("fea7d2763b4b9e79", "d7aa0f6d3061344e", "146e0be7abacd0d6")
)
_SEGMENT = 4096
_SPIN_COUNT, _MOST_SPINS = 50_000, 1_000_000
_HASHES = ("SHA1", "SHA256", "SHA384", "SHA512")


def run(_arguments: Sequence[str], source: bytes) -> bytes:
    """The file inside; nothing when it has a password of its own, or is encrypted in a way that is not known here."""
    try:
        return _unlocked(source)
    except (*BROKEN, Error, LookupError, TypeError, AttributeError, StopIteration, struct.error):
        return b""


def _unlocked(source: bytes) -> bytes:
    """As `run`. Raises one of many errors for a file that is broken."""
    with OleFileIO(source) as file:
        info = file.openstream("EncryptionInfo").read()
        package = file.openstream("EncryptedPackage").read()
    version, size = struct.unpack_from("<HH", info), int.from_bytes(package[:8], "little")
    found = _agile(info[8:], package[8:]) if version == _AGILE else _standard(info, package[8:])
    return found[:size]


def _password_hash(algorithm: str, salt: bytes, spin_count: int) -> bytes:
    """The hash of the known password, hashed again so many times, which makes guessing slow."""
    digest = new_hash(algorithm, salt + KNOWN_PASSWORD).digest()
    for spin in range(min(spin_count, _MOST_SPINS)):
        digest = new_hash(algorithm, struct.pack("<I", spin) + digest).digest()
    return digest


def _standard(info: bytes, package: bytes) -> bytes:
    """Of standard encryption, whose description is binary and whose one key is made of the password."""
    size_of_header = struct.unpack_from("<I", info, 8)[0]
    bits = struct.unpack_from("<I", info, 12 + 16)[0]
    salt, verifier, expected = struct.unpack_from("<4x16s16s4x32s", info, 12 + size_of_header)
    digest = _sha1(_password_hash("SHA1", salt, _SPIN_COUNT) + bytes(4))
    # Section 2.3.4.7: the digest XORed with bytes 0x36 and with bytes 0x5C, hashed, one behind the other.
    halves = (bytes(byte ^ pad for byte in digest.ljust(64, b"\0")) for pad in (0x36, 0x5C))
    key = b"".join(map(_sha1, halves))[: bits // 8]
    cipher = Cipher(AES(key), ECB())  # noqa: S305 - what the format has, for reading alone
    hashed = _sha1(_decrypted(cipher, verifier))
    if not compare_digest(hashed, _decrypted(cipher, expected)[: len(hashed)]):
        return b""
    return _decrypted(cipher, package)


def _sha1(data: bytes) -> bytes:
    return sha1(data, usedforsecurity=False).digest()


def _agile(description: bytes, package: bytes) -> bytes:
    """Of agile encryption, whose description is XML and whose key is kept under one that is made of the password."""
    tree = _tree(description)
    data, locked = next(tree.iter("keyData")), next(tree.iter("encryptedKey"))
    algorithm, salt = _hash_of(locked), b64decode(locked.attrib["saltValue"])
    digest = _password_hash(algorithm, salt, int(locked.attrib["spinCount"]))
    length = int(locked.attrib["keyBits"]) // 8

    def opened(purpose: bytes, name: str) -> bytes:
        key = new_hash(algorithm, digest + purpose).digest()[:length].ljust(length, b"\x36")
        return _decrypted(Cipher(AES(key), CBC(_one_block(salt))), b64decode(locked.attrib[name]))

    expected = opened(_FOR_VALUE, "encryptedVerifierHashValue")
    hashed = new_hash(algorithm, opened(_FOR_INPUT, "encryptedVerifierHashInput")[: len(salt)]).digest()
    if not compare_digest(hashed, expected[: len(hashed)]):
        return b""
    key = opened(_FOR_KEY, "encryptedKeyValue")[:length]
    algorithm, salt = _hash_of(data), b64decode(data.attrib["saltValue"])
    segments = []
    for number, start in enumerate(range(0, len(package), _SEGMENT)):
        vector = _one_block(new_hash(algorithm, salt + struct.pack("<I", number)).digest())
        segments.append(_decrypted(Cipher(AES(key), CBC(vector)), package[start : start + _SEGMENT]))
    return b"".join(segments)


def _tree(description: bytes) -> Element:
    builder = TreeBuilder()
    safe_parser(builder).Parse(description, True)
    return builder.close()


def _hash_of(element: Element) -> str:
    name = element.attrib["hashAlgorithm"].replace("-", "")
    if name not in _HASHES or element.attrib["cipherAlgorithm"] != "AES":
        raise LookupError(name)
    return name


def _one_block(vector: bytes) -> bytes:
    return vector[:16].ljust(16, b"\x36")


def _decrypted(cipher: Cipher[CBC] | Cipher[ECB], content: bytes) -> bytes:
    decryptor = cipher.decryptor()
    return decryptor.update(content[: len(content) // 16 * 16]) + decryptor.finalize()
