#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds chaski-vectors reconcile to a second implementation, written from reconciliation.md alone.

    tests/reconcile/vectors_test.py CHASKI_VECTORS
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2ee"))
from second_primitives import siphash  # noqa: E402

def short_id(salt, identifier):
    return int.from_bytes(siphash(salt, identifier), "little") & ((1 << 48) - 1) or 1


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
