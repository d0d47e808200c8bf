from __future__ import annotations

import hashlib
import hmac

from pydantic import SecretBytes, SecretStr

from outlook_mcp.vault.digests import Digests

DIGESTS = Digests(SecretBytes(b"p" * 32))
HANDLE = SecretStr("handle-of-alice")


def test_a_digest_is_hmac_sha256_of_purpose_and_value() -> None:
    expected = hmac.new(b"p" * 32, b"\0\0\0\5state" + b"handle-of-alice", hashlib.sha256).hexdigest()
    assert DIGESTS.digest_of("state", HANDLE) == expected
    assert DIGESTS.matches("state", HANDLE, expected)


def test_another_purpose_value_or_pepper_gives_another_digest() -> None:
    others = [
        DIGESTS.digest_of("token", HANDLE),
        DIGESTS.digest_of("state", SecretStr("handle-of-bob")),
        DIGESTS.digest_of("stat", SecretStr("ehandle-of-alice")),
        Digests(SecretBytes(b"q" * 32)).digest_of("state", HANDLE),
    ]
    assert not any(DIGESTS.matches("state", HANDLE, other) for other in [*others, "", "ä"])


def test_neither_pepper_nor_value_shows() -> None:
    assert "p" * 8 not in repr(DIGESTS) + repr(vars(DIGESTS))
