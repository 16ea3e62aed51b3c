#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second implementation of docs/protocol/e2ee.md agrees with ours, byte by byte.

  vectors_test.py CHASKI_VECTORS   works the example of the page again from its secrets
  vectors_test.py --golden         prints what tests/e2ee/golden_test.cpp must say
"""
import json
import struct
import subprocess
import sys

from second_implementation import (Meeting, Tags, introduction, introduction_offer, prekeys,
                                   published_card, stamp_bits, x25519_public)
from second_primitives import blake2b


def golden():
    fills = iter(range(10**6))

    def counting(n):
        fill = next(fills)
        return bytes((fill * 31 + i) & 255 for i in range(n))

    def digest(data):
        return blake2b(32, "", b"", data).hex()[:32]

    m = Meeting(counting)
    a, b = m.side_of_anna, m.side_of_bela
    print("answer", m.tag.hex(), digest(m.answer), m.answer[:48].hex())
    tag, promise, body = b.say(b"first")
    print("first", tag.hex(), promise.hex(), body.hex())

    def told(name, said):
        print(name, said[0].hex(), digest(said[2]))

    told("second", b.say(b"second"))
    told("third", a.say(b"third, the other way"))
    b.heard(a.key)
    told("fourth", b.say(b"fourth, in a new epoch"))
    a.heard(b.key)
    for _ in range(32):
        b.say(b"filling a block of tags")
    told("second block", b.say(b"in the second block"))
    told("long", a.say(b"x" * 500))
    tags = Tags(m.keys["taga"])
    all_tags = [tags.next()[0] for _ in range(64 + 32 * 32)]
    print("tags", [all_tags[i].hex() for i in (0, 63, 64, 64 + 31 * 32)])
    print("next epoch", Tags(m.keys["nxta"]).next()[0].hex())


def check(vectors):
    by_name = {v["name"]: {**v["fields"], "bytes": v["bytes"]} for v in vectors}
    wrong = 0

    def same(name, field, ours):
        nonlocal wrong
        theirs = by_name[name][field]
        if theirs != ours:
            wrong += 1
            print(f"{name}.{field}: chaski-vectors {theirs}\n  second implementation {ours}")

    ids, invite = by_name["identities"], by_name["invitation"]
    setup, reply = by_name["set-up"], by_name["reply"]
    invitation = bytes.fromhex(invite["bytes"])
    fills = [
        ids["inviter_agreement_secret"], ids["inviter_signing_seed"],
        ids["acceptor_agreement_secret"], ids["acceptor_signing_seed"],
        invite["prekey_secret"], invitation[97:129].hex(),
        setup["ephemeral_secret"], setup["acceptor_ratchet_secret"],
        reply["inviter_ratchet_secret"],
    ]
    queue = iter(fills)
    m = Meeting(lambda n: bytes.fromhex(next(queue)))
    a, b = m.side_of_anna, m.side_of_bela
    same("identities", "inviter_agreement_key", m.anna.agreement.hex())
    same("identities", "inviter_signing_key", m.anna.identity[32:].hex())
    same("identities", "acceptor_signing_key", m.bela.identity[32:].hex())
    same("invitation", "bytes", m.invitation.hex())
    for i, d in enumerate(m.agreements):
        same("set-up", f"d{i + 1}", d.hex())
    same("set-up", "transcript", m.transcript.hex())
    same("set-up", "root_key", m.keys["root"].hex())
    same("set-up", "chain_of_acceptor", m.keys["chna"].hex())
    same("set-up", "tags_of_acceptor", m.keys["taga"].hex())
    same("set-up", "next_tags_of_acceptor", m.keys["nxta"].hex())
    same("set-up", "tags_of_inviter", m.keys["tagi"].hex())
    same("set-up", "confirmation", m.confirmation.hex())
    same("answer", "tag", m.tag.hex())
    same("answer", "bytes", m.answer.hex())
    tag, promise, body = b.say(b"first")
    same("message", "tag", tag.hex())
    same("message", "commitment", promise.hex())
    same("message", "message_key", b.last["key"].hex())
    same("message", "content_key", b.last["content_key"].hex())
    same("message", "token", b.last["token"].hex())
    same("message", "header_mask", b.last["mask"].hex())
    same("message", "associated", b.last["associated"].hex())
    same("message", "content", b.last["content"].hex())
    same("message", "bytes", body.hex())
    tag, _, body = a.say(b"first")
    same("reply", "inviter_ratchet_key", x25519_public(a.secret).hex())
    same("reply", "root_key", a.root.hex())
    same("reply", "message_key", a.last["key"].hex())
    same("reply", "token", a.last["token"].hex())
    same("reply", "tag", tag.hex())
    same("reply", "bytes", body.hex())
    tags = Tags(m.keys["taga"])
    listed = [tags.next()[0].hex() for _ in range(1057)]
    for field, value in by_name["tags"].items():
        if field.startswith("tag_") and field[4:].isdigit():
            same("tags", field, listed[int(field[4:])])
    same("tags", "tag_0_of_next_epoch", Tags(m.keys["nxta"]).next()[0].hex())
    standing, given = by_name["standing-answer"], by_name["prekeys"]
    listed = bytes.fromhex(given["bytes"])
    rendezvous = [listed[42:74].hex(), listed[106:138].hex()]
    queue = iter([given["first_prekey_secret"], rendezvous[0], standing["ephemeral_secret"],
                  standing["acceptor_ratchet_secret"]])
    anew = Meeting(lambda n: bytes.fromhex(next(queue)), (m.anna, m.bela), standing["generation"])
    same("prekeys", "bytes", prekeys(given["serial"], [
        (bytes.fromhex(given["first_prekey_secret"]), bytes.fromhex(rendezvous[0])),
        (bytes.fromhex(given["second_prekey_secret"]), bytes.fromhex(rendezvous[1])),
    ]).hex())
    same("standing-answer", "invitation", anew.invitation.hex())
    same("standing-answer", "tag", anew.tag.hex())
    same("standing-answer", "bytes", anew.answer.hex())
    agreed, answer = by_name["introduction-consent"], by_name["introduction-answer"]
    identifier = bytes.fromhex(by_name["introduction-offer"]["id"])
    queue = iter([agreed["prekey_secret"], agreed["bytes"][-64:], answer["ephemeral_secret"],
                  answer["acceptor_ratchet_secret"]])
    met = Meeting(lambda n: bytes.fromhex(next(queue)), (m.anna, m.bela), answer["generation"],
                  named_answer=True)
    given = x25519_public(met.prekey) + met.rendezvous
    same("introduction-offer", "bytes", introduction_offer(
        identifier, 2, "Béla".encode(), b"from the choir").hex())
    same("introduction-consent", "bytes", introduction(2, identifier, given).hex())
    same("introduction-meet", "standing_invitation", met.invitation.hex())
    same("introduction-meet", "bytes", introduction(4, identifier, m.anna.identity + given).hex())
    same("introduction-answer", "tag", met.tag.hex())
    same("introduction-answer", "bytes", met.answer.hex())
    shown, answered = by_name["card"], by_name["card-answer"]
    said = bytes.fromhex(shown["bytes"])
    queue = iter([shown["prekey_secret"], answered["ephemeral_secret"],
                  answered["acceptor_ratchet_secret"]])
    by_card = Meeting(lambda n: bytes.fromhex(next(queue)), (m.anna, m.bela),
                      answered["generation"],
                      by_card=(said[1], *struct.unpack("<QQ", said[2:18])))
    same("card", "bytes", by_card.card.hex())
    same("card", "rendezvous", by_card.rendezvous.hex())
    same("card-answer", "tag", by_card.tag.hex())
    same("card-answer", "subject", by_card.subject.hex())
    nonce = struct.pack("<Q", answered["nonce"])
    same("card-answer", "bytes", (by_card.answer[:32] + nonce + by_card.answer[32:]).hex())
    if stamp_bits(by_card.subject, answered["nonce"]) < said[1]:
        wrong += 1
        print("card-answer: the stamp has less than the price")
    there = by_name["published-card"]
    tag, subject, body = published_card(by_card.card, there["nonce"])
    same("published-card", "tag", tag.hex())
    same("published-card", "subject", subject.hex())
    same("published-card", "bytes", body.hex())
    if stamp_bits(subject, there["nonce"]) < 20:
        wrong += 1
        print("published-card: the stamp has less than 20 bits")
    print(f"{wrong} differ")
    return 1 if wrong else 0


if len(sys.argv) != 2:
    sys.exit(__doc__)
if sys.argv[1] == "--golden":
    golden()
else:
    shown = subprocess.run([sys.argv[1], "e2ee"], check=True, capture_output=True)
    sys.exit(check(json.loads(shown.stdout)["vectors"]))
