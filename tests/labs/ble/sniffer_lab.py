#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Inside the lab, Privacy = device: adapters 0 and 1 are two people who write to each other for
three periods, adapter 2 only listens.

    sniffer_lab.py CHASKID

Afraid of: whoever listens all day tying one period of a node to the next: by an address, a tag or a
print that outlives its period, by an old datum under a new address, or by anything else that is
said, as a name. Prints one line of JSON.
"""
import asyncio
import collections
import json
import sys
import time

import snoop
from bluez import Adapter
from phones import Mail, bluez_objects, phones
from chaskid import introduce, scene

PERIODS, PERIOD_S, WRITE_EVERY_S = 3, 945, 60
FLAGS = bytes([2, 1])
SERVICE_DATA = bytes([25, 0x21]) + bytes.fromhex("5ea0c0007b1d4b5f9d5c6f0e3c1f8a2e")[::-1]
Heard = collections.namedtuple("Heard", "seconds address data")


def reports(packets, adapter):
    """What a listening controller tells: LE advertising reports, legacy and extended."""
    for packet in packets:
        data = packet.data
        if packet.adapter != adapter or packet.kind != snoop.EVENT or data[0] != 0x3E:
            continue
        if data[2] == 0x02:
            assert data[3] == 1, "the emulator gives one report an event"
            yield Heard(packet.seconds, data[6:12][::-1], data[13:13 + data[12]])
        elif data[2] == 0x0D:
            assert data[3] == 1, "the emulator gives one report an event"
            yield Heard(packet.seconds, data[7:13][::-1], data[28:28 + data[27]])


def well_formed(heard):
    """Flags and 8 bytes of service data, and not a byte more."""
    data = heard.data
    assert len(data) == 29, data.hex()
    assert data[:2] == FLAGS and data[3:21] == SERVICE_DATA, data.hex()
    assert heard.address[0] >> 6 == 1, f"{heard.address.hex()} is not resolvable private"
    return data[21:]


def show(said):
    """Who said what from when until when."""
    when = {}
    for heard in said:
        key = heard.address.hex(), heard.data[22:26].hex()
        when.setdefault(key, [heard.seconds, heard.seconds])[1] = heard.seconds
    for (address, tag), (first, last) in when.items():
        print(f"{address} said tag {tag} from {first:.1f} to {last:.1f} s", file=sys.stderr)


def check(said, identities):
    """`said`: what was heard, without answers to scanners."""
    tags_of, addresses_of = collections.defaultdict(set), collections.defaultdict(set)
    tags_of_print, last, first = collections.defaultdict(set), {}, {}
    for heard in said:
        datum = well_formed(heard)
        tag = datum[1:5]
        assert heard.address not in identities, "the identity address is on the air"
        tags_of[heard.address].add(tag)
        addresses_of[tag].add(heard.address)
        tags_of_print[datum[5:8]].add(tag)
        first.setdefault(tag, heard.seconds)
        last[tag] = heard.seconds
    for address, tags in tags_of.items():
        assert len(tags) == 1, f"{address.hex()} was heard with {[tag.hex() for tag in tags]}"
    for tag, addresses in addresses_of.items():
        assert len(addresses) == 1, f"{tag.hex()} came from {[one.hex() for one in addresses]}"
    for value, tags in tags_of_print.items():
        assert len(tags) == 1, f"print {value.hex()} under {[tag.hex() for tag in tags]}"
    assert len(first) >= 2 * PERIODS, f"{len(first)} periods of two nodes"
    longest = max(last[tag] - first[tag] for tag in first)
    assert longest < PERIOD_S + 60, f"a period of {longest} s"
    return {"periods": len(first), "longest_s": round(longest), "heard": len(said),
            "prints": len(tags_of_print)}


async def listen(mail, left, right):
    """Half an hour and more of somebody's life."""
    adapter = await Adapter.open(2)
    await adapter.scan()
    until = time.monotonic() + PERIODS * PERIOD_S + 60
    while time.monotonic() < until:
        mail.write(*(left, right) if len(mail.written) % 3 else (right, left), "still here")
        await asyncio.sleep(WRITE_EVERY_S)


def main():
    with scene("ble-sniffer") as (folder, nodes), snoop.capture() as packets:
        left, right = phones(folder, nodes, 2)
        introduce(left, right)
        mail = Mail()
        asyncio.run(listen(mail, left, right))
        # What BlueZ itself lists, and who must not be recognised.
        identities = {bytes.fromhex(bluez_objects()[f"/org/bluez/hci{number}"]
                                    ["org.bluez.Adapter1"]["Address"].replace(":", ""))
                      for number in range(3)}
        heard = [one for one in reports(list(packets), 2) if one.data]
        show(heard)
        print(json.dumps(check(heard, identities) | {"messages": len(mail.written),
                                                     "under_way": len(mail.missing())}))


if __name__ == "__main__":
    main()
