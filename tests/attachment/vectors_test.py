#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second implementation of docs/protocol/attachments.md agrees with ours, byte by byte.

  vectors_test.py CHASKI_VECTORS   works the example of the page again from its manifest
"""
import hashlib
import json
import pathlib
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2ee"))
from second_primitives import aead, blake2b  # noqa: E402

BODIES = (1672, 3400, 6856, 13768, 27592, 65824)


def multiply(a, b):
    product = 0
    for bit in range(8):
        if b >> bit & 1:
            product ^= a << bit
    for bit in range(15, 7, -1):
        if product >> bit & 1:
            product ^= 0x11D << (bit - 8)
    return product


INVERSE = {a: next(b for b in range(256) if multiply(a, b) == 1) for a in range(1, 256)}


def parity_row(row, data):
    out = bytearray(len(data[0]))
    for column, chunk in enumerate(data):
        weight = INVERSE[row ^ column]
        times = bytes(multiply(weight, value) for value in range(256))
        for i, value in enumerate(chunk.translate(times)):
            out[i] ^= value
    return bytes(out)


def main(program):
    shown = subprocess.run([program, "attachment"], check=True, capture_output=True)
    vectors = {v["name"]: v for v in json.loads(shown.stdout)["vectors"]}
    manifest = bytes.fromhex(vectors["manifest"]["bytes"])
    version, kind, parity, priority, lifetime, size = struct.unpack("<BBBBIQ", manifest[:16])
    secret, digest, rest = manifest[16:48], manifest[48:80], manifest[80:]
    name, media = rest[1:1 + rest[0]], rest[2 + rest[0]:]
    file = bytes(i % 251 for i in range(size))
    chunk_size = BODIES[kind] - 16
    padded = file + bytes(-len(file) % chunk_size)
    data = [padded[at:at + chunk_size] for at in range(0, len(padded), chunk_size)]
    chunks = data + [parity_row(128 + j, data) for j in range(parity)]
    wrong = 0

    def same(what, ours, theirs):
        nonlocal wrong
        if ours != theirs:
            wrong += 1
            print(f"{what}: chaski-vectors {theirs}\n  second implementation {ours}")

    same("version", 1, version)
    same("priority", 0, priority)
    same("name", b"map.png", name)
    same("media type", b"\x09image/png", rest[1 + rest[0]:])
    same("media type's length", len(media), rest[1 + rest[0]])
    same("digest", blake2b(32, "chaski1 file", secret, file).hex(), digest.hex())
    same("chunks", len(chunks), len(vectors) - 1)
    for number, chunk in enumerate(chunks):
        told = vectors[f"chunk-{number}"]["fields"]
        x = blake2b(64, "chaski1 chunk", secret, digest + struct.pack("<I", number))
        key, tag, token = x[:32], x[32:40], x[40:56]
        if tag == bytes(8):
            tag = bytes(7) + b"\x01"
        commitment = hashlib.blake2b(b"chaski1 receipt\0" + token, digest_size=32).digest()[:16]
        associated = tag + commitment + struct.pack("<IBB", lifetime, priority, 1)
        body = aead(key, tag + bytes(4), associated, chunk)
        same(f"{number} tag", tag.hex(), told["tag"])
        same(f"{number} token", token.hex(), told["token"])
        same(f"{number} commitment", commitment.hex(), told["commitment"])
        same(f"{number} first", chunk[:16].hex(), told["first_16_bytes"])
        same(f"{number} last", chunk[-16:].hex(), told["last_16_bytes"])
        same(f"{number} body", body[:16].hex(), told["first_16_bytes_of_the_body"])
        same(f"{number} authenticator", body[-16:].hex(), told["authenticator"])
    print(f"{wrong} differ")
    return 1 if wrong else 0


if len(sys.argv) != 2:
    sys.exit(__doc__)
sys.exit(main(sys.argv[1]))
