#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second implementation of docs/protocol/file.md agrees with ours, byte by byte.

  vectors_test.py CHASKI_VECTORS   works the example of the page again
"""
import hashlib
import json
import pathlib
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2ee"))
from second_primitives import aead, siphash  # noqa: E402


def keyed(size, key, label, salt):
    return hashlib.blake2b(label + b"\0" + salt, digest_size=size, key=key).digest()


def gaps(values, bound):
    low, bits, previous = 0, [], -1
    while len(values) << (low + 1) <= bound - bound // 32:
        low += 1
    for value in values:
        gap = value - previous - 1
        bits += [1] * (gap >> low) + [0] + [gap >> i & 1 for i in range(low)]
        previous = value
    bits += [0] * (-len(bits) % 8)
    return bytes(sum(bit << i for i, bit in enumerate(bits[at:at + 8]))
                 for at in range(0, len(bits), 8))


def summary(ids):
    ids = sorted(ids)
    head = struct.pack("<H", len(ids)) + b"".join(i.to_bytes(6, "little")
                                                  for i in (ids[0], ids[-1]))
    return head + gaps([i - ids[0] for i in ids], ids[-1] - ids[0] + 1)


def block(key, index, kind, text):
    head = bytes([kind]) + (len(text) + 16).to_bytes(3, "little")
    return head + aead(key, index.to_bytes(12, "little"), head, text)


def main():
    told = subprocess.run([sys.argv[1], "file"], capture_output=True, check=True).stdout
    vectors = {v["name"]: v for v in json.loads(told)["vectors"]}
    whole = vectors["bundle"]
    fields = {k: bytes.fromhex(v) for k, v in whole["fields"].items()}
    salt = bytes.fromhex(whole["pieces"][1]["hex"])
    envelope_id = hashlib.blake2b(fields["envelope"], digest_size=32).digest()[:16]
    name = siphash(salt, envelope_id)
    if isinstance(name, bytes):
        name = int.from_bytes(name, "little")
    text = summary([name & (1 << 48) - 1 or 1, (1 << 48) - 2])
    key = keyed(32, bytes(32), b"chaski1 stick", salt)
    file = b"chaskis\1" + salt + keyed(16, fields["secret_of_the_writer"], b"chaski1 mark", salt)
    file += block(key, 0, 1, text) + block(key, 1, 2, fields["record"])
    file += bytes([0]) + (32).to_bytes(3, "little")
    file += hashlib.blake2b(file, digest_size=32).digest()
    wrong = 0
    for what, ours, theirs in (
            ("summary", text.hex(), vectors["summary"]["bytes"]),
            ("key", key.hex(), fields["key"].hex()),
            ("key of a closed mesh", fields["key_with_network_key"].hex(),
             keyed(32, fields["network_key"], b"chaski1 stick", salt).hex()),
            ("bundle", file.hex(), whole["bytes"])):
        if ours != theirs:
            wrong += 1
            print(f"{what}: chaski-vectors {theirs}\n  second implementation {ours}")
    print(f"{wrong} of 4 differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
