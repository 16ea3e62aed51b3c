# SPDX-License-Identifier: Apache-2.0
"""docs/protocol/e2ee.md once more, from the page alone: who honestly sends, nothing else."""
import struct

from second_primitives import (
    aead, blake2b, ed25519_public, ed25519_sign, salsa20_block, x25519, x25519_public
)

TEXT = 1


def H(n, label, key, data=b""):
    return blake2b(n, "chaski1 " + label, key, data)


def D(key, label):
    return salsa20_block(key, ("chaski1 " + label).encode().ljust(16, b"\0"))


def nonzero(tag):
    return tag if any(tag) else bytes(7) + b"\1"


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def seal(key, tag, associated, text):
    return aead(key, tag + bytes(4), associated, text)


def commitment(token):
    """W7 of wire.md."""
    return blake2b(32, "", b"", b"chaski1 receipt\0" + token)[:16]


class Person:
    def __init__(self, random, name):
        self.secret, self.seed, self.name = random(32), random(32), name.encode()
        self.agreement = x25519_public(self.secret)
        self.identity = self.agreement + ed25519_public(self.seed)


class Tags:
    """5.4 and 5.5: an epoch's tags, all from its beginning."""

    def __init__(self, key):
        self.block, self.step, self.index = key, None, 0

    def next(self):
        first = self.index % 32 == 0
        key = self.block if first else self.step
        out = D(key, "tagblock" if first else "tag step")
        if first:
            self.block, self.step = out[:32], D(key, "tag step")[:32]
        else:
            self.step = out[:32]
        self.index += 1
        return nonzero(out[32:40]), out[40:] + D(key, "tag mask")[:12]


def root_step(root, secret, theirs):
    x = H(32, "root", root, x25519(secret, theirs))
    return tuple(D(x, "root " + what)[:32] for what in ("rk", "ck", "tk"))


class Side:
    """One end of a session."""

    def __init__(self, us, them, root, random):
        self.direction = H(32, "directio", b"", us.identity + them.identity)
        self.root, self.random, self.due, self.sent, self.previous = root, random, None, 0, 0

    def start(self, secret, chain, tags, next_tags):
        self.secret, self.key = secret, x25519_public(secret)
        self.chain, self.tags, self.next_tags = chain, Tags(tags), next_tags

    def heard(self, their_key):
        """A message of the contact's next epoch has opened: 5.10."""
        self.root = root_step(self.root, self.secret, their_key)[0]
        self.due = their_key

    def say(self, text, lifetime=86400, sent_at=1700000000):
        """6: gives tag, commitment, body."""
        if self.due is not None:
            secret = self.random(32)
            self.root, chain, after = root_step(self.root, secret, self.due)
            self.previous, self.sent, self.due = self.sent, 0, None
            self.start(secret, chain, self.next_tags, after)
        tag, mask = self.tags.next()
        step = D(self.chain, "msg step")
        self.chain, key = step[:32], step[32:]
        inner = D(key, "msg open")
        content_key, token = inner[:32], inner[32:48]
        self.sent += 1
        size = next(c for c in (160, 376, 808) if c >= 36 + 15 + len(text) + 16)
        content = struct.pack("<BBBqI", 2, TEXT, 0, sent_at, len(text)) + text
        content = content.ljust(size - 36 - 16, b"\0")
        header = xor(self.key + struct.pack("<I", self.previous), mask)
        bound = self.direction + header + tag + commitment(token)
        bound += struct.pack("<IBB", lifetime, 1, 1)
        self.last = {"associated": bound, "content": content, "key": key, "mask": mask,
                     "content_key": content_key, "token": token}
        return tag, commitment(token), header + seal(content_key, tag, bound, content)


def prekeys(serial, invitations):
    """4.13: the list, of pairs of a prekey's secret and a rendezvous secret."""
    each = b"".join(x25519_public(secret) + rendezvous for secret, rendezvous in invitations)
    return b"\1" + struct.pack("<QB", serial, len(invitations)) + each


def introduction(step, identifier, body=b""):
    """10.2: what stands behind the head is the step's own."""
    return bytes([1, step]) + identifier + body


def introduction_offer(identifier, role, name, note):
    short = lambda text: bytes([len(text)]) + text  # noqa: E731
    return introduction(1, identifier, bytes([role]) + short(name) + short(note))


def card(person, prekey, price, issued, expires):
    """11.1: a card and its signature."""
    said = struct.pack("<BBQQ", 1, price, issued, expires) + person.identity + prekey
    said += bytes([len(person.name)]) + person.name
    return said + ed25519_sign(person.seed, b"chaski1 card sig" + said)


def published_card(card, nonce):
    """11.9: the tag, what the stamp is for, and the body."""
    body = (struct.pack("<Q", nonce) + card).ljust(376, b"\0")
    return nonzero(H(32, "card tag", b"")[:8]), H(32, "card wrk", b"", card), body


def stamp_bits(subject, nonce):
    """W26 of wire.md."""
    work = b"chaski1 stamp\0\0\0" + subject + struct.pack("<Q", nonce)
    return 256 - int.from_bytes(blake2b(32, "", b"", work), "big").bit_length()


class Meeting:
    """3 and 4: Anna shows an invitation, Béla accepts it; or answers one that was standing, which
    names him only after an introduction, or her card: (price, issued at, expires at)."""

    def __init__(self, random, standing=None, generation=0, named_answer=False, by_card=None):
        anna, bela = standing or (Person(random, "Anna"), Person(random, "Béla"))
        self.anna, self.bela = anna, bela
        self.prekey = random(32)
        if by_card:
            self.card = card(anna, x25519_public(self.prekey), *by_card)
            self.rendezvous = H(32, "card rdv", b"", self.card)
        else:
            self.rendezvous = random(32)
        self.ephemeral, self.ratchet = random(32), random(32)
        prekey, e, r = map(x25519_public, (self.prekey, self.ephemeral, self.ratchet))
        self.invitation = invitation = (
            b"\1" + anna.identity + prekey + self.rendezvous + bytes([len(anna.name)]) + anna.name
        )
        if by_card:
            self.invitation = invitation = b"\x81" + self.card
        elif standing:
            self.invitation = invitation = (
                b"\x80" + anna.identity + prekey + self.rendezvous + bela.identity
            )
        self.agreements = [
            x25519(bela.secret, prekey),
            x25519(self.ephemeral, anna.agreement),
            x25519(self.ephemeral, prekey),
        ]
        nameless = standing and not named_answer and not by_card
        named = b"\0" if nameless else bytes([len(bela.name)]) + bela.name
        if generation:
            named += struct.pack("<Q", generation)
        self.transcript = H(32, "transcr", b"", invitation + bela.identity + e + r + named)
        s = H(32, "setup", self.rendezvous, b"".join(self.agreements) + self.transcript)
        names = ("root", "chna", "taga", "nxta", "tagi", "conf")
        self.keys = {name: D(s, "set " + name)[:32] for name in names}
        self.confirmation = H(32, "confirm", self.keys["conf"], self.transcript)
        self.tag = nonzero(H(32, "ans tag", self.rendezvous)[:8])
        text = (b"\1" + bela.identity + r + self.confirmation + named).ljust(
            320 if by_card else 328, b"\0"
        )
        self.answer = xor(e, H(32, "ans mask", self.rendezvous)) + seal(
            H(32, "ans key", self.rendezvous, self.agreements[2]), self.tag,
            H(32, "ans bind", b"", invitation + e), text
        )
        # 4.10: what a stamp is for; its nonce then stands behind the covered key.
        self.subject = H(32, "ans work", self.rendezvous, self.answer)
        self.side_of_anna = Side(anna, bela, self.keys["root"], random)
        self.side_of_anna.due, self.side_of_anna.next_tags = r, self.keys["tagi"]
        self.side_of_bela = Side(bela, anna, self.keys["root"], random)
        self.side_of_bela.start(
            self.ratchet, self.keys["chna"], self.keys["taga"], self.keys["nxta"]
        )
