from __future__ import annotations

import json
import random
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretBytes

from outlook_mcp.errors import RecordBroken
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.envelope import OVERHEAD_BYTES, SealingKey, seal, unseal
from outlook_mcp.vault.primitives import aes_gcm_decrypt, aes_gcm_encrypt, hkdf_sha256
from outlook_mcp.vault.records import RecordKey
from tests.effort import usually

VECTORS = Path(__file__).parent / "vectors"
KEY = SealingKey(SecretBytes(bytes(range(32))))
NAME = RecordKey(UserKey("contoso", "alice"), "token", "work")
words = st.text(max_size=12)
names = st.builds(RecordKey, st.builds(UserKey, words, words), words, words)


def vectors(file: str) -> list[dict[str, str]]:
    tests: list[dict[str, str]] = json.loads((VECTORS / file).read_text())["tests"]
    return tests


class TestKnownVectors:
    @pytest.mark.parametrize("vector", vectors("aes_256_gcm.json"), ids=lambda vector: f"tc{vector['tcId']}")
    def test_aes_gcm_agrees_with_wycheproof(self, vector: dict[str, str]) -> None:
        key, nonce, associated = (bytes.fromhex(vector[part]) for part in ("key", "iv", "aad"))
        plaintext, sealed = bytes.fromhex(vector["msg"]), bytes.fromhex(vector["ct"] + vector["tag"])
        if vector["result"] == "valid":
            assert aes_gcm_encrypt(AESGCM(key), nonce, plaintext, associated) == sealed
            assert aes_gcm_decrypt(AESGCM(key), nonce, sealed, associated) == plaintext
        else:
            assert aes_gcm_decrypt(AESGCM(key), nonce, sealed, associated) is None

    @pytest.mark.parametrize("vector", vectors("hkdf_sha256.json"), ids=lambda vector: f"tc{vector['tcId']}")
    def test_hkdf_agrees_with_wycheproof(self, vector: dict[str, str]) -> None:
        secret, salt, info = (bytes.fromhex(vector[part]) for part in ("ikm", "salt", "info"))
        if vector["result"] == "valid":
            okm = hkdf_sha256(secret, info=info, salt=salt, length=int(vector["size"]))
            assert okm.hex() == vector["okm"]
        else:
            with pytest.raises(ValueError, match="larger"):
                hkdf_sha256(secret, info=info, salt=salt, length=int(vector["size"]))

    def test_aes_gcm_agrees_with_nist_test_case_16(self) -> None:
        key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
        nonce = bytes.fromhex("cafebabefacedbaddecaf888")
        associated = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        plaintext = bytes.fromhex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
            "b16aedf5aa0de657ba637b39"
        )
        sealed = aes_gcm_encrypt(AESGCM(key), nonce, plaintext, associated)
        assert sealed[-16:].hex() == "76fc6ece0f4e1768cddf8853bb2d551b"
        assert sealed[:16].hex() == "522dc1f099567d07f47f37a32a84427d"

    def test_hkdf_agrees_with_rfc_5869_case_1(self) -> None:
        okm = hkdf_sha256(b"\x0b" * 22, info=bytes(range(0xF0, 0xFA)), salt=bytes(range(13)), length=42)
        assert okm.hex() == ("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")


class TestTheSealedForm:
    def test_format_1_opens_for_ever(self) -> None:
        sealed = bytes.fromhex(
            "4f4d56010115eef9ec3143fab5bf426447521171fd8a65e8d3e14b20d903a001f7c89e1ef26443e4ea445738f82ef220235b2f868bed67c9fc6d5ad8196c261057d4be3b64df2c7e2c5caf"
        )
        assert unseal(KEY, NAME, 41, sealed) == b"a refresh token sealed in format 1"

    def test_format_1_is_what_its_description_says(self) -> None:
        sealed = seal(KEY, NAME, 41, b"value")
        prefix, key_id, nonce, ciphertext = sealed[:5], sealed[5:13], sealed[13:25], sealed[25:]
        assert prefix == b"OMV\x01\x01"
        assert key_id == hkdf_sha256(bytes(range(32)), info=b"outlook-mcp vault 1 key id")[:8]
        parts = (b"\x01", b"contoso", b"alice", b"token", b"work", b"41", b"\x01", key_id)
        associated = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        subkey = hkdf_sha256(bytes(range(32)), info=b"outlook-mcp vault 1 seal token")
        assert aes_gcm_decrypt(AESGCM(subkey), nonce, ciphertext, associated) == b"value"

    @given(names, st.integers(min_value=0, max_value=2**60), st.binary(max_size=200))
    def test_whatever_is_sealed_opens_again(self, name: RecordKey, generation: int, value: bytes) -> None:
        sealed = seal(KEY, name, generation, value)
        assert len(sealed) == len(value) + OVERHEAD_BYTES
        assert unseal(KEY, name, generation, sealed) == value

    def test_no_two_seals_are_alike(self) -> None:
        assert len({seal(KEY, NAME, 1, b"value") for _ in range(100)}) == 100

    def test_a_key_derives_the_subkey_of_a_type_once(self) -> None:
        key = SealingKey.generate()
        seal(key, NAME, 1, b"value")
        first = key.subkey(NAME.kind)
        seal(key, NAME, 2, b"value")
        assert key.subkey(NAME.kind) is first
        assert key.subkey("another type") is not first

    def test_a_key_shows_its_id_and_nothing_else(self) -> None:
        assert "0102" not in repr(KEY)
        assert KEY.id in repr(KEY)

    @pytest.mark.parametrize("length", [0, 16, 31, 33])
    def test_a_key_of_another_length_is_refused(self, length: int) -> None:
        with pytest.raises(ValueError, match="32 bytes"):
            SealingKey(SecretBytes(bytes(length)))


class TestForgeries:
    def test_every_single_bit_counts(self) -> None:
        sealed = seal(KEY, NAME, 1, b"a short token")
        for bit in range(len(sealed) * 8):
            forged = bytearray(sealed)
            forged[bit // 8] ^= 1 << (bit % 8)
            with pytest.raises(RecordBroken):
                unseal(KEY, NAME, 1, bytes(forged))

    @settings(max_examples=usually(200, thoroughly=2000))
    @given(names, names, st.integers(0, 50), st.integers(0, 50))
    def test_a_record_opens_in_its_own_place_only(
        self, name: RecordKey, place: RecordKey, generation: int, present: int
    ) -> None:
        sealed = seal(KEY, name, generation, b"value")
        if (name, generation) == (place, present):
            assert unseal(KEY, place, present, sealed) == b"value"
        else:
            with pytest.raises(RecordBroken):
                unseal(KEY, place, present, sealed)

    def test_of_many_random_forgeries_none_is_accepted(self) -> None:
        chosen = random.Random(9)
        places = [
            RecordKey(UserKey(tid, oid), kind, name) for tid in "ab" for oid in "cd" for kind in "ef" for name in "gh"
        ]
        sealed = {(place, number): seal(KEY, place, number, b"value") for place in places for number in range(4)}
        accepted = 0
        for _ in range(usually(2_000, thoroughly=10_000)):
            (place, number), (other, older) = chosen.sample(sorted(sealed), 2)
            flipped = bytearray(sealed[place, number])
            flipped[chosen.randrange(len(flipped))] ^= chosen.randrange(1, 256)
            planted = chosen.randbytes(chosen.randrange(100))
            forged = chosen.choice(
                [sealed[other, older], bytes(flipped), sealed[place, number][:13] + planted, planted]
            )
            with suppress(RecordBroken):
                unseal(KEY, place, number, forged)
                accepted += 1
        assert accepted == 0

    @given(words, words, words)
    def test_letters_moved_between_two_parts_of_a_name_are_noticed(self, one: str, two: str, three: str) -> None:
        joined = RecordKey(UserKey(one + two, three), "token", "work")
        shifted = RecordKey(UserKey(one, two + three), "token", "work")
        sealed = seal(KEY, joined, 1, b"value")
        if joined != shifted:
            with pytest.raises(RecordBroken):
                unseal(KEY, shifted, 1, sealed)

    @settings(max_examples=usually(200, thoroughly=2000))
    @given(st.binary(max_size=120))
    def test_planted_bytes_are_refused(self, planted: bytes) -> None:
        header = seal(KEY, NAME, 1, b"")[:13]
        for blob in (planted, header + planted):
            with pytest.raises(RecordBroken):
                unseal(KEY, NAME, 1, blob)

    @pytest.mark.parametrize("planted", [b"", b"{}", b'{"refresh_token": "planted by somebody with the disk"}'])
    def test_plaintext_is_refused(self, planted: bytes) -> None:
        with pytest.raises(RecordBroken, match="not sealed for its owner or was altered"):
            unseal(KEY, NAME, 1, planted)

    def test_every_shortened_record_is_refused(self) -> None:
        sealed = seal(KEY, NAME, 1, b"a short token")
        for length in range(len(sealed)):
            with pytest.raises(RecordBroken):
                unseal(KEY, NAME, 1, sealed[:length])

    def test_another_key_opens_nothing(self) -> None:
        with pytest.raises(RecordBroken):
            unseal(SealingKey.generate(), NAME, 1, seal(KEY, NAME, 1, b"value"))
