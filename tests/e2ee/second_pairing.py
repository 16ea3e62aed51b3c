# SPDX-License-Identifier: Apache-2.0
"""docs/protocol/pairing.md once more, from the page alone."""
import re

from second_implementation import D, H, seal, x25519, x25519_public

HIGHEST_VERSION = 1


def read_words(page):
    """The list of symbols as the page has it: rows of number, picture, word."""
    found = re.findall(r"(\d+) (\S+) ([a-z]+)(?= \||$)", page, re.M)
    words = {int(number): word for number, _, word in found}
    assert sorted(words) == list(range(64)), "the page does not list 64 symbols"
    return words


class Pairing:
    """What both ends work out: secrets, nonces and the handshake hash in, messages out."""

    def __init__(self, binding, secrets, nonces):
        versions = bytes([HIGHEST_VERSION, HIGHEST_VERSION])
        shares = [x25519_public(s) + n for s, n in zip(secrets, nonces)]
        self.commitment = H(32, "pair com", b"", binding + shares[0])
        self.shared = x25519(secrets[0], shares[1][:32])
        assert self.shared == x25519(secrets[1], shares[0][:32])
        self.transcript = H(32, "pair trn", b"", binding + versions + shares[0] + shares[1])
        s = H(32, "pair key", self.shared, self.transcript)
        bits = int.from_bytes(D(s, "pair sym")[:5], "big") >> 4
        self.numbers = [bits >> (30 - 6 * i) & 63 for i in range(6)]
        self.keys = {name: D(s, "pair " + name)[:32] for name in ("cni", "cnr", "off", "ans")}
        self.call = bytes([1, HIGHEST_VERSION])
        self.commit = bytes([2, HIGHEST_VERSION]) + self.commitment
        self.share, self.reveal = b"\3" + shares[1], b"\4" + shares[0]
        self.confirm = b"\5" + self.keys["cni"]

    def offer(self, invitation):
        text = (bytes([len(invitation)]) + invitation).ljust(163, b"\0")
        return b"\6" + seal(self.keys["off"], bytes(8), self.transcript, text)
