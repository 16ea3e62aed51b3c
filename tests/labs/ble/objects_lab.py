#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Inside the lab: what our D-Bus side of Bluetooth (ble-probe on hci0) makes of BlueZ's objects.

    objects_lab.py PROBE foreign|no_slot|left_over|out_of_range|private|intervals [MILLISECONDS]

Afraid of: a headset that is hung up because it is none of ours, a link that nobody counts and that
takes a place for ever, a dial that waits for somebody who walked on, and an advertisement that ties
one period of a node to the next.
"""
import asyncio
import os
import re
import subprocess
import sys

from dbus_next import DBusError

from bluez import DEVICE, Adapter
from probe import Probe

SERVICE = "5ea0c000-7b1d-4b5f-9d5c-6f0e3c1f8a2e"
WRITE, NOTIFY = SERVICE.replace("c000", "c0f0"), SERVICE.replace("c000", "c0f1")
OTHER = "0000beef-7b1d-4b5f-9d5c-6f0e3c1f8a2e"
RECONCILE_S = 30
DIAL_S, CALL_OFF_S, YIELD_S, STRANGER_S = 8, 4, 3, 20
PERIOD_S = 945
DIAL = 5  # transport_ble::Verb::kDial
# Version 1; of the smallest tag, so the other side waits before it dials; of something else.
SMALL_TAG = bytes.fromhex("1000000001aabbcc")


def air(command):
    with open(os.environ["LAB_AIR"], "w", encoding="ascii") as fifo:
        fifo.write(command + "\n")


def device_of(adapter, peer):
    return f"{adapter.path}/dev_{peer.address.replace(':', '_')}"


def clock():
    return asyncio.get_running_loop().time()


async def connect(adapter, peer, service):
    """adapter's bluetoothd connects to the peer because of somebody who is not the probe."""
    device = device_of(adapter, peer)
    await peer.advertise(service)
    await adapter.scan(service)
    await adapter.wait(lambda: adapter.get(device, DEVICE, "UUIDs"), "heard")
    await adapter.call(adapter.path, "org.bluez.Adapter1", "StopDiscovery")
    await adapter.connect(device)
    await peer.withdraw()
    return device


def connected(adapter, device):
    return bool(adapter.get(device, DEVICE, "Connected"))


async def foreign():
    """Another program's connection stays, whoever dialled."""
    ours, headset = await Adapter.open(0), await Adapter.open(1)
    await headset.serve(OTHER, WRITE, NOTIFY)
    probe = await Probe.start("hci0")
    device = await connect(ours, headset, OTHER)
    await asyncio.sleep(3 * RECONCILE_S)
    assert connected(ours, device), "a headset was hung up"
    await ours.disconnect(device)
    await headset.scan()
    back = device_of(headset, ours)
    await headset.wait(lambda: headset.get(back, DEVICE, "ServiceData"), "heard the probe")
    await headset.call(headset.path, "org.bluez.Adapter1", "StopDiscovery")
    await headset.connect(back)
    await asyncio.sleep(3 * RECONCILE_S)
    assert connected(ours, device) and connected(headset, back), "who dialled us was hung up"
    assert not any(line["event"] == "connected" for line in probe.said)
    await probe.stop()


async def no_slot():
    """One slot of four is for strangers: the second who speaks our service is hung up at once."""
    ours, first, second = [await Adapter.open(number) for number in range(3)]
    probe = await Probe.start("hci0")
    await probe.wait("advertising", event="adapter")
    for peer in (first, second):
        await peer.serve(SERVICE, WRITE, NOTIFY)
    one = await connect(ours, first, SERVICE)
    begun = clock()
    await probe.wait("connected", event="connected")
    since = clock()
    try:
        two = await connect(ours, second, SERVICE)
        await ours.wait(lambda: not connected(ours, two), "hung up")
    except DBusError as error:
        print(f"hung up before it was whole: {error}")
    assert clock() - since < 10, f"the second stranger stayed for {clock() - since} s"
    assert len([line for line in probe.said if line["event"] == "connected"]) == 1
    await ours.wait(lambda: not connected(ours, one), "the first is hung up, too")
    assert clock() - begun < STRANGER_S + 5
    await probe.stop()


async def left_over():
    """A connection of ours from before the probe, which has no slot."""
    ours, peer = await Adapter.open(0), await Adapter.open(1)
    await peer.serve(SERVICE, WRITE, NOTIFY)
    device = await connect(ours, peer, SERVICE)
    since = clock()
    probe = await Probe.start("hci0")
    await ours.wait(lambda: not connected(ours, device), "hung up", RECONCILE_S + 5)
    print(f"hung up after {clock() - since:.1f} s")
    await probe.stop()


async def out_of_range():
    """Who walked on is called off after 8 s and removed, and is dialled again when it is back."""
    ours, peer = await Adapter.open(0), await Adapter.open(1)
    probe = await Probe.start("hci0")
    await probe.wait("there", event="adapter")
    await peer.advertise(SERVICE, SMALL_TAG)
    heard = await probe.wait("heard", event="heard", datum=SMALL_TAG.hex())
    air("far 0 1")
    since, device = clock(), device_of(ours, peer)
    failed = await probe.wait("the dial failed", event="failed", verb=DIAL)
    took = clock() - since
    assert YIELD_S + DIAL_S - 1 < took < YIELD_S + DIAL_S + CALL_OFF_S, (took, failed)
    # Unasked, bluetoothd would keep it for 30 s.
    await ours.wait(lambda: not ours.objects.get(device, {}).get(DEVICE), "removed", 5)
    print(f"called off after {took:.1f} s, removed after {clock() - since:.1f} s: {failed}")
    mark = len(probe.said)
    air("near 0 1")
    assert (await probe.wait("connected", mark, event="connected"))["device"] == heard["device"]
    await probe.stop()


async def private():
    """Each tag is heard under one address, each address with one tag, through two rotations."""
    speaker, ears = await Probe.start("hci0"), await Probe.start("hci1")
    await ears.wait("heard", event="heard")
    await asyncio.sleep(2 * PERIOD_S + 200)
    for probe in (speaker, ears):
        heard = [(line["device"], line["datum"][2:10]) for line in probe.said
                 if line["event"] == "heard"]
        pairs = sorted(set(heard), key=heard.index)
        assert all(device >> 48 == 1 for device, tag in pairs), pairs
        assert len(pairs) == 3, pairs
        for part in (0, 1):
            assert len({pair[part] for pair in pairs}) == 3, f"tied to the next period: {pairs}"
        print(pairs)
        await probe.stop()


async def intervals(milliseconds):
    """What the controller is told of how often to advertise."""
    with subprocess.Popen(["btmon", "--write", "/lab/air.snoop"],
                          stdout=subprocess.DEVNULL) as monitor:
        probes = [await Probe.start(f"hci{number}") for number in (0, 1)]
        for probe in probes:
            await probe.wait("heard", event="heard")
            await probe.stop()
        monitor.terminate()
    text = subprocess.run(["btmon", "--read", "/lab/air.snoop"], capture_output=True, text=True,
                          check=True).stdout
    said = [number for number in re.findall(r"M(?:in|ax) advertising interval: ([0-9.]+)", text)
            if float(number)]  # 0 is how bluetoothd says to the kernel that it has no wish
    print(set(said))
    assert said and {float(number) for number in said} == {float(milliseconds)}, set(said)


if __name__ == "__main__":
    asyncio.run({"foreign": foreign, "no_slot": no_slot, "left_over": left_over,
                 "out_of_range": out_of_range, "private": private,
                 "intervals": intervals}[sys.argv[2]](*sys.argv[3:]))
    print(f"ok {sys.argv[2]}")
