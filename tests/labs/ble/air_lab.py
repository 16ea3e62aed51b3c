#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Inside the lab, three adapters: both roles at once on one adapter, and who is in whose range.

Afraid of: an emulator that mixes up the links of a controller that dialled and was dialled, and a
range that means nothing. Lines, partitions and storms are built from these two.
"""
import asyncio
import os

from bluez import DEVICE, Adapter

SERVICE = "5ea0c000-7b1d-4b5f-9d5c-6f0e3c1f8a2e"
WRITE = "5ea0c001-7b1d-4b5f-9d5c-6f0e3c1f8a2e"
NOTIFY = "5ea0c002-7b1d-4b5f-9d5c-6f0e3c1f8a2e"


def air(command):
    with open(os.environ["LAB_AIR"], "w", encoding="ascii") as fifo:
        fifo.write(command + "\n")


def name_of(adapter, peer):
    return f"{adapter.path}/dev_{peer.address.replace(':', '_')}"


async def join(central, peripheral, write):
    """Central dials peripheral; gives the two ends of its write descriptor."""
    loop = asyncio.get_running_loop()
    device = name_of(central, peripheral)
    await central.connect(device)
    towards, _ = await central.acquire(central.characteristic(device, WRITE), "Write")
    await loop.sock_sendall(towards, b"hello")
    _, end, _, _ = await asyncio.wait_for(write.given.get(), 10)
    assert await asyncio.wait_for(loop.sock_recv(end, 100), 10) == b"hello"
    return towards, end


async def main():
    loop = asyncio.get_running_loop()
    left, middle, right = [await Adapter.open(number) for number in range(3)]
    air("far 0 2")
    writes = {}
    for adapter in (left, middle, right):
        writes[adapter], _ = await adapter.serve(SERVICE, WRITE, NOTIFY)
        await adapter.advertise(SERVICE)
    await left.find(SERVICE)
    await middle.find(SERVICE)
    assert name_of(left, right) not in left.objects, "heard somebody out of range"

    # left dials middle, and middle dials right: middle has both roles, and the links stay apart.
    first, first_end = await join(left, middle, writes[middle])
    await middle.wait(lambda: name_of(middle, right) in middle.objects, "found the right one")
    second, second_end = await join(middle, right, writes[right])
    for number in range(30):
        await loop.sock_sendall(first, b"first %d" % number)
        await loop.sock_sendall(second, b"second %d" % number)
    for number in range(30):
        assert await asyncio.wait_for(loop.sock_recv(first_end, 100), 10) == b"first %d" % number
        assert await asyncio.wait_for(loop.sock_recv(second_end, 100), 10) == b"second %d" % number

    # Out of range ends the one link at both ends and leaves the other alone.
    lost = loop.time()
    air("far 1 2")
    for adapter, peer in ((middle, right), (right, middle)):
        await adapter.wait(
            lambda: not adapter.get(name_of(adapter, peer), DEVICE, "Connected"),
            "told of the loss")
    lost = loop.time() - lost
    assert middle.get(name_of(middle, left), DEVICE, "Connected")
    await loop.sock_sendall(first, b"still here")
    assert await asyncio.wait_for(loop.sock_recv(first_end, 100), 10) == b"still here"
    # Dialling somebody out of range waits, and succeeds when he comes back.
    waiting = asyncio.ensure_future(middle.connect(name_of(middle, right)))
    await asyncio.sleep(3)
    assert not waiting.done(), f"dialling out of range ended: {waiting}"
    back = loop.time()
    air("near 1 2")
    await waiting
    print(f"a link out of range was gone after {lost:.2f} s, and there again "
          f"{loop.time() - back:.2f} s after coming back")


if __name__ == "__main__":
    asyncio.run(main())
