#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Inside the lab, adapters 0 and 1 are two people who write to each other, the others are up to
something.

    junk_lab.py CHASKID [TRICK...]

Afraid of: a stranger who keeps a slot, who makes memory or descriptors grow, who is answered before
he said the right thing or with more than he said, or who keeps two honest people apart. Each trick
is played; 25 s later there is nothing left of it, and every message arrives. Prints one line of
JSON.
"""
import asyncio
import json
import os
import sys
import threading
import time

from phones import Mail, bluez_objects, connected, phones
from stranger import SERVICE, Stranger, greeting, junk
from chaskid import introduce, scene

FREE_S, ARRIVES_S = 25, 20
FORGOTTEN_S = 75  # of somebody who was heard and is gone: 60 s of silence, and a dial in vain
GROWTH_KIB, DESCRIPTORS_MORE = 3 * 1024, 3
HANDSHAKE = 160  # bytes of a first frame on the LAN and here


async def says_nothing(stranger):
    channel = await stranger.channel()
    assert await channel.closed(10) == b"", "a stranger who says nothing is told nothing"
    channel.close()


async def says_the_wrong_thing(stranger):
    for wrong in (b"x", b"CHB0\0\0\0\1\1", greeting(kind=2), greeting() + b"x", greeting()[:8],
                  junk(2048)):
        channel = await stranger.channel()
        if channel is None:
            await stranger.gone(FREE_S)
            await stranger.dial()
            channel = await stranger.channel()
        await channel.send(wrong)
        assert await channel.closed(10) == b"", f"{wrong[:12]} is answered"
        channel.close()


async def half_a_handshake(stranger):
    for size in (1, HANDSHAKE // 2, HANDSHAKE - 1, HANDSHAKE, HANDSHAKE + 1, 2048):
        if not stranger.connected():
            await stranger.dial()
        channel = await stranger.channel()
        if channel is None:
            await stranger.gone(FREE_S)
            continue
        await channel.send(greeting())
        await channel.send(junk(size))
        came = await channel.closed(FREE_S)
        assert came is not None, f"after {size} bytes of junk it is still open"
        assert len(came) <= 9 + size, f"{len(came)} bytes for {9 + size}"
        channel.close()
        await stranger.gone(FREE_S)


async def never_stops(stranger):
    channel = await stranger.channel()
    await channel.send(greeting())
    sent = 0
    while sent < 4 << 20 and await channel.send(junk(1024)):
        sent += 1024
    assert sent < 4 << 20, "4 MB of junk were taken"
    channel.close()


async def never_reads(stranger):
    """And has the smallest MTU that there is."""
    channel = await stranger.channel(23)
    await channel.send(greeting())
    await stranger.gone(FREE_S)
    channel.close()


async def drops_at_each_step(stranger):
    for steps in range(4):
        if not stranger.connected():
            await stranger.dial()
        channel = await stranger.channel() if steps > 0 else None
        if channel and steps > 1:
            await channel.send(greeting())
        if channel and steps > 2:
            await channel.send(junk(HANDSHAKE))
        await stranger.forget()
        if channel:
            channel.close()


async def asks_and_asks(stranger):
    for _ in range(300):
        assert len(await stranger.info()) == 4
    await stranger.forget()


async def many_channels(stranger):
    channels = [channel for _ in range(20) if (channel := await stranger.channel())]
    for channel in channels:
        await channel.send(greeting())
    await stranger.gone(FREE_S)
    for channel in channels:
        channel.close()


async def lures(stranger):
    """Is worth dialling, and has nothing to dial."""
    for number in range(3):
        tag = bytes([255, 0, 0, number])
        await stranger.adapter.advertise(SERVICE, b"\x11" + tag + junk(3))
        await stranger.adapter.wait(stranger.dialled, "dialled by anybody", 30)
        await asyncio.sleep(12)
        await stranger.adapter.withdraw()


async def is_many(*strangers):
    """As many addresses as there are adapters: all of them have one slot together."""
    for stranger in strangers:
        if not stranger.connected():
            await stranger.dial()
    channels = [await stranger.channel() for stranger in strangers]
    for channel in channels:
        if channel:
            await channel.send(greeting())
    for stranger, channel in zip(strangers, channels):
        await stranger.gone(FREE_S)
        if channel:
            channel.close()


async def pass_by(*strangers):
    """Connect, want nothing, and stay."""
    for stranger in strangers:
        if not stranger.connected():
            await stranger.dial()
    await asyncio.sleep(FREE_S)
    left = [stranger for stranger in strangers if stranger.connected()]
    assert len(left) == 2, f"{len(left)} of {len(strangers)} stay; two may, for other programs"
    for stranger in strangers:
        await stranger.forget()


TRICKS = (says_nothing, says_the_wrong_thing, half_a_handshake, never_stops, never_reads,
          drops_at_each_step, asks_and_asks, many_channels, is_many, pass_by, lures)


class Honest:
    """Two who write to each other all the time."""

    def __init__(self, left, right):
        self.both, self.mail, self.over = (left, right), Mail(), threading.Event()
        self.thread = threading.Thread(target=self.write, daemon=True)
        self.before, self.slots = {}, 0

    def write(self):
        while not self.over.wait(1):
            self.mail.write(*self.both, "through the noise")
            self.mail.write(*reversed(self.both), "through the noise")
            self.slots = max(self.slots, *(phone.adapter()["slots"] for phone in self.both))

    def alone(self):
        """Each has the other and nobody else."""
        objects = bluez_objects()
        slots = [phone.adapter().get("slots") for phone in self.both]
        return slots == [1, 1] and all(len(connected(phone.number, objects)) == 1
                                       for phone in self.both)

    def unharmed(self, trick):
        for phone in self.both:
            rss, descriptors = self.before.setdefault(phone, (phone.rss_kib(), phone.descriptors()))
            grew, more = phone.rss_kib() - rss, phone.descriptors() - descriptors
            assert grew < GROWTH_KIB, f"{trick}: {phone.name} grew by {grew} KiB"
            assert more < DESCRIPTORS_MORE, f"{trick}: {more} descriptors more"


async def until(condition, seconds, what):
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.5)
    return round(time.monotonic() - began, 1)


async def play(honest, victim, tricks):
    strangers = [await Stranger.on(number, victim)
                 for number in range(2, int(os.environ["LAB_ADAPTERS"]))]
    free_after = {}
    for trick in tricks:
        print(trick.__name__, file=sys.stderr, flush=True)
        if trick is not lures:
            await strangers[0].dial()
        await trick(*(strangers if trick in (is_many, pass_by) else strangers[:1]))
        free_after[trick.__name__] = await until(
            honest.alone, FORGOTTEN_S if trick is lures else FREE_S, f"{trick.__name__} is over")
        honest.unharmed(trick.__name__)
    return free_after


def main():
    with scene("ble-junk") as (folder, nodes):
        left, right = phones(folder, nodes, 2)
        introduce(left, right)
        honest = Honest(left, right)
        honest.mail.write(left, right, "first")
        honest.mail.arrives(ARRIVES_S)
        victim = bluez_objects()["/org/bluez/hci0"]["org.bluez.Adapter1"]["Address"]
        honest.thread.start()
        honest.unharmed("before")
        tricks = [trick for trick in TRICKS if len(sys.argv) < 3 or trick.__name__ in sys.argv[2:]]
        free_after = asyncio.run(play(honest, victim, tricks))
        honest.over.set()
        honest.thread.join()
        last = honest.mail.arrives(ARRIVES_S)
        assert honest.slots <= 2, f"strangers had {honest.slots - 1} slots"
        print(json.dumps({"free_after_s": free_after, "messages": len(honest.mail.written),
                          "last_s": last, "rss_kib": left.rss_kib()}))


if __name__ == "__main__":
    main()
