#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds chaski-vectors reconcile to a second implementation, written from reconciliation.md alone.

    tests/reconcile/vectors_test.py CHASKI_VECTORS
"""
import json
import random
import subprocess
import sys
import tempfile
import unittest

MASK = (1 << 64) - 1


def siphash(key, message):
    """SipHash-2-4 (Aumasson and Bernstein, 2012)."""
    k0, k1 = (int.from_bytes(key[i:i + 8], "little") for i in (0, 8))
    v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
         k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573]

    def rotate(x, bits):
        return (x << bits | x >> (64 - bits)) & MASK

    def rounds(count):
        for _ in range(count):
            v[0] = (v[0] + v[1]) & MASK
            v[1] = rotate(v[1], 13) ^ v[0]
            v[0] = rotate(v[0], 32)
            v[2] = (v[2] + v[3]) & MASK
            v[3] = rotate(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & MASK
            v[3] = rotate(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & MASK
            v[1] = rotate(v[1], 17) ^ v[2]
            v[2] = rotate(v[2], 32)

    padded = message + bytes(7 - len(message) % 8) + bytes([len(message) & 255])
    for i in range(0, len(padded), 8):
        word = int.from_bytes(padded[i:i + 8], "little")
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xff
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def short_id(salt, identifier):
    return siphash(salt, identifier) & ((1 << 48) - 1) or 1


def multiply(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        b >>= 1
        a <<= 1
        if a >> 48:
            a ^= 1 << 48 | 0x2d
    return product


def sketch(ids, capacity):
    sums = [0] * capacity
    for element in ids:
        square, power = multiply(element, element), element
        for k in range(capacity):
            sums[k] ^= power
            power = multiply(power, square)
    return b"".join(s.to_bytes(6, "little") for s in sums)


class Reconcile(unittest.TestCase):
    def ask(self, *arguments):
        return subprocess.run([PROGRAM, "reconcile", *arguments], capture_output=True, text=True,
                              check=False)

    def check(self, seed, shared, ours, theirs, capacity):
        rng = random.Random(seed)
        salt = rng.randbytes(16)
        ids = [rng.randbytes(16) for _ in range(shared + ours + theirs)]
        mine, other = ids[:shared + ours], ids[:shared] + ids[shared + ours:]
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("\n".join(i.hex() for i in other))
            file.flush()
            said = self.ask("--salt", salt.hex(), "--capacity", str(capacity),
                            "--ours", ",".join(i.hex() for i in mine), "--theirs", file.name)
        self.assertEqual(said.returncode, 0, said.stderr)
        answer = json.loads(said.stdout)
        for side, listed, made in (("ours", mine, "our_sketch"), ("theirs", other, "their_sketch")):
            names = [short_id(salt, i) for i in listed]
            self.assertEqual([e["short_id"] for e in answer[side]],
                             [n.to_bytes(6, "little").hex() for n in names])
            self.assertEqual(answer[made], sketch(names, capacity).hex())
        self.assertEqual(answer["solved"], ours + theirs <= capacity)
        if answer["solved"]:
            self.assertEqual({(e["id"], e["only"]) for e in answer["difference"]},
                             {(i.hex(), "ours") for i in ids[shared:shared + ours]} |
                             {(i.hex(), "theirs") for i in ids[shared + ours:]})

    def test_differences(self):
        for seed, (shared, ours, theirs, capacity) in enumerate(
                [(0, 0, 0, 1), (5, 1, 0, 1), (20, 3, 4, 7), (20, 3, 5, 7), (40, 20, 16, 36)]):
            self.check(seed, shared, ours, theirs, capacity)

    def test_arguments_that_are_no_ids(self):
        salt = "00" * 16
        for arguments in (["--salt", "00", "--ours", "", "--theirs", ""],
                          ["--salt", salt, "--ours", "zz", "--theirs", ""],
                          ["--salt", salt, "--ours", ""],
                          ["--salt", salt, "--ours", "", "--theirs", "", "--capacity", "129"]):
            said = self.ask(*arguments)
            self.assertEqual(said.returncode, 2, arguments)
            self.assertTrue(said.stderr)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
