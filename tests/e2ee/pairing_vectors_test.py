#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second implementation of docs/protocol/pairing.md agrees with ours, byte by byte.

  pairing_vectors_test.py CHASKI_VECTORS PAGE
"""
import json
import pathlib
import subprocess
import sys

from second_pairing import Pairing, read_words


def main(program, page):
    shown = subprocess.run([program, "pairing"], check=True, capture_output=True)
    by_name = {v["name"]: {**(v["fields"] or {}), "bytes": v["bytes"]}
               for v in json.loads(shown.stdout)["vectors"]}
    symbols = by_name["symbols"]
    told = {name: bytes.fromhex(by_name[name]["bytes"]) for name in by_name}
    secrets = [bytes.fromhex(symbols[who + "_secret"]) for who in ("initiator", "responder")]
    pairing = Pairing(bytes.fromhex(symbols["handshake_hash"]), secrets,
                      [told["reveal"][33:], told["share"][33:]])
    wrong = 0

    def same(name, field, ours):
        nonlocal wrong
        if by_name[name][field] != ours:
            wrong += 1
            print(f"{name}.{field}: chaski-vectors {by_name[name][field]}\n  here {ours}")

    for name in ("call", "commit", "share", "reveal", "confirm"):
        same(name, "bytes", getattr(pairing, name).hex())
    same("symbols", "shared", pairing.shared.hex())
    same("symbols", "transcript", pairing.transcript.hex())
    same("symbols", "offer_key", pairing.keys["off"].hex())
    same("symbols", "answer_key", pairing.keys["ans"].hex())
    same("symbols", "numbers", " ".join(map(str, pairing.numbers)))
    words = read_words(pathlib.Path(page).read_text(encoding="utf-8"))
    same("symbols", "words", " ".join(words[n] for n in pairing.numbers))
    same("offer", "bytes", pairing.offer(bytes.fromhex(by_name["offer"]["invitation"])).hex())
    print(f"{wrong} differ")
    return 1 if wrong else 0


if len(sys.argv) != 3:
    sys.exit(__doc__)
sys.exit(main(*sys.argv[1:]))
