#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second implementation of docs/protocol/vault.md agrees with ours, byte by byte.

  vectors_test.py CHASKI_VECTORS   works the examples of the page again

Argon2id is libsodium's here too: what is checked is the format.
"""
import ctypes
import ctypes.util
import hashlib
import json
import pathlib
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2ee"))
from second_primitives import aead, chacha20_block, siphash  # noqa: E402

sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))


def argon2id(passphrase, salt, passes, memory_kib):
    out = ctypes.create_string_buffer(32)
    done = sodium.crypto_pwhash(
        out, ctypes.c_ulonglong(32), passphrase, ctypes.c_ulonglong(len(passphrase)), salt,
        ctypes.c_ulonglong(passes), ctypes.c_size_t(memory_kib * 1024), ctypes.c_int(2))
    assert done == 0
    return out.raw


def xaead(key, nonce, associated, text):
    """draft-irtf-cfrg-xchacha-03, section 2.3: HChaCha20 is the block without the addition."""
    block = struct.unpack("<16I", chacha20_block(key, int.from_bytes(nonce[:4], "little"),
                                                  nonce[4:16]))
    start = struct.unpack("<16I", b"expand 32-byte k" + key + nonce[:16])
    words = [(a - b) & 0xFFFFFFFF for a, b in zip(block, start)]
    key = struct.pack("<8I", *words[:4], *words[12:])
    return aead(key, bytes(4) + nonce[16:], associated, text)


def derived(key, number, size):
    """libsodium's crypto_kdf."""
    return hashlib.blake2b(digest_size=size, key=key, salt=struct.pack("<QQ", number, 0),
                           person=b"chaskiv1".ljust(16, b"\0")).digest()


def pieces(vector):
    return [bytes.fromhex(piece["hex"]) for piece in vector["pieces"]]


def key_file(cost, protection, salt, nonce, key, data_key):
    head = b"chaskivk" + bytes([1, protection, 0, 0]) + struct.pack("<II", *cost) + salt
    return head + nonce + xaead(key, nonce, head, data_key)


def main():
    told = subprocess.run([sys.argv[1], "vault"], capture_output=True, check=True).stdout
    vectors = {v["name"]: v for v in json.loads(told)["vectors"]}
    wrong = 0

    def same(what, ours, theirs):
        nonlocal wrong
        if ours != theirs:
            wrong += 1
            print(f"{what}: chaski-vectors {theirs}\n  second implementation {ours}")

    def same_bytes(name, ours):
        same(name, ours.hex(), vectors[name]["bytes"])

    fields = vectors["key-file"]["fields"]
    data_key = bytes.fromhex(fields["data_key"])
    _, _, _, _, salt, nonce, _, _ = pieces(vectors["key-file"])
    key = argon2id(fields["passphrase"].encode(), salt, 1, 8192)
    same("key-encryption key", key.hex(), fields["key_encryption_key"])
    same_bytes("key-file", key_file((1, 8192), 1, salt, nonce, key, data_key))

    _, _, _, _, salt, nonce, _, _ = pieces(vectors["open-key-file"])
    key = hashlib.blake2b(b"chaski vault v1 without passphrase", digest_size=32, key=salt).digest()
    same_bytes("open-key-file", key_file((0, 0), 0, salt, nonce, key, data_key))

    fields = vectors["row"]["fields"]
    plain = b"\x04notea value of thirty bytes, or so"
    same("the plain row", plain.hex(), fields["plain"])
    nonce = pieces(vectors["row"])[0]
    place = bytes([1]) + struct.pack("<Q", 7)
    padded = plain + b"\x80"
    padded += bytes(-len(padded) % 32)
    sealed = nonce + xaead(derived(data_key, 1, 32), nonce, place, padded)
    same_bytes("row", sealed)
    mark = hashlib.blake2b(place + nonce + sealed[-16:], digest_size=16,
                           key=derived(data_key, 100, 32)).digest()
    same("mark", mark.hex(), fields["mark"])

    fields = vectors["mask"]["fields"]
    pad = siphash(derived(data_key, 101, 16),
                     bytes.fromhex(fields["envelope_id"]) + struct.pack("<Q", 12), 16)
    origin = struct.pack("<QQ", int(fields["depositor"], 16), 1)
    same_bytes("mask", bytes(a ^ b for a, b in zip(pad, origin)))

    _, _, _, salt, nonce, _, _ = pieces(vectors["backup"])
    head = b"chaskibk" + bytes([1, 0, 0, 0]) + struct.pack("<II", 1, 8192) + salt + nonce
    key = argon2id(b"correct horse", salt, 1, 8192)
    # What is inside is opened: the stream cipher is its own inverse.
    nonce = nonce[:15] + struct.pack("<QB", 0, 1)
    chunk = pieces(vectors["backup"])[5]
    plain = xaead(key, nonce, head, chunk)[: len(chunk)]
    same("identity", "01" + struct.pack("<I", 64).hex(), plain[:5].hex())
    rest = struct.pack("<BI", 2, 4) + b"Anna" + struct.pack("<BI", 5, 0)
    same("name and end", rest.hex(), plain[69:].hex())
    same_bytes("backup", head + xaead(key, nonce, head, plain))

    print(f"{len(vectors)} vectors, {wrong} differ")
    return 1 if wrong or len(vectors) != 5 else 0


if __name__ == "__main__":
    sys.exit(main())
