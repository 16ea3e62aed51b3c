#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Inside the lab, two adapters: our own D-Bus side of Bluetooth, run by ble-probe.

    probe_lab.py PROBE hear|dial|bluetoothd_restarts|dbus_restarts|power

Afraid of: neighbours that do not hear each other, an advertisement that says more than it should,
and a node that is silent for ever after bluetoothd, the bus or the power went away and came back.
"""
import asyncio
import os
import re
import subprocess
import sys

from bluez import Adapter
from probe import Probe

SERVICE = bytes.fromhex("5ea0c0007b1d4b5f9d5c6f0e3c1f8a2e")


async def both_hear(left, right, after=(0, 0)):
    heard = [await probe.wait("heard the other", since, event="heard")
             for probe, since in zip((left, right), after)]
    assert heard[0]["datum"] != heard[1]["datum"], "each tag is its own"
    return heard


def shell(command):
    subprocess.run(["bash", "-c", f'. "$LAB_FUNCTIONS"; {command}'], check=True)


def advertised(capture):
    """The advertising data that the controllers were told, each as btmon's lines."""
    text = subprocess.run(["btmon", "--read", capture], capture_output=True, text=True,
                          check=True).stdout
    found = []
    for block in text.split("\n< HCI Command: ")[1:]:
        lines = [line.strip() for line in re.split(r"\n[<>@=]", block)[0].splitlines()]
        if "(0x08|0x0009)" in lines[0]:
            assert lines[1] == "Length: 0", f"a scan response says more: {lines}"
        if "(0x08|0x0008)" in lines[0] and lines[1] != "Length: 0":
            found.append(lines[1:])
    return found


def check_well_formed(capture, heard):
    told = advertised(capture)
    said = set()
    for lines in told:
        # 3 of flags, 26 of service data; no name, no appearance, no list of services.
        assert lines[0] == "Length: 29" and len(lines) == 4, lines
        assert lines[1] == "Flags: 0x04" and lines[2] == "BR/EDR Not Supported", lines
        data = re.fullmatch(r".*0x21.*: ([0-9a-f]+)", lines[3])
        assert data and data[1].startswith(SERVICE[::-1].hex()), lines
        said.add(data[1][32:])
    assert said == {line["datum"] for line in heard}, (said, heard)


async def hear():
    with subprocess.Popen(["btmon", "--write", "/lab/air.snoop"],
                          stdout=subprocess.DEVNULL) as monitor:
        left, right = await Probe.start("hci0"), await Probe.start("hci1")
        heard = await both_hear(left, right)
        await left.stop()
        await right.stop()
        monitor.terminate()
    check_well_formed("/lab/air.snoop", heard)
    assert not any(line["event"] == "connected" for line in left.said + right.said), \
        "both hold the same, there is nothing to connect for"


async def dial():
    left, right = await Probe.start("held=1", "hci0"), await Probe.start("held=2", "hci1")
    await left.wait("connected", event="connected")
    await right.wait("connected", event="connected")
    # Nobody authenticates: both take it for a stranger, and hang up.
    await left.wait("disconnected", event="disconnected")
    await right.wait("disconnected", event="disconnected")
    await left.stop()
    await right.stop()


async def bluetoothd_restarts():
    left, right = await Probe.start("hci0"), await Probe.start("hci1")
    before = await both_hear(left, right)
    shell("lab_stop bluetoothd")
    for probe in (left, right):
        await probe.wait("told", event="problem", text="bluetoothd is not running: start it")
    marks = len(left.said), len(right.said)
    shell(f"lab_bluetoothd; lab_adapters {os.environ['LAB_ADAPTERS']}")
    after = await both_hear(left, right, marks)
    assert {line["datum"] for line in before}.isdisjoint(line["datum"] for line in after), \
        "the power was off in between, so a period begins"
    await left.stop()
    await right.stop()


async def dbus_restarts():
    left, right = await Probe.start("hci0"), await Probe.start("hci1")
    await both_hear(left, right)
    shell("lab_stop dbus-daemon; lab_stop bluetoothd")
    marks = len(left.said), len(right.said)
    shell(f"rm -f /run/dbus/system_bus_socket; lab_bus; lab_bluetoothd; "
          f"lab_adapters {os.environ['LAB_ADAPTERS']}")
    await both_hear(left, right, marks)
    await left.stop()
    await right.stop()


async def power():
    left, right = await Probe.start("hci0"), await Probe.start("hci1")
    await both_hear(left, right)
    adapter = await Adapter.open(0)
    await adapter.power(False)
    await left.wait("told", event="adapter", powered=False)
    marks = len(left.said), len(right.said)
    await adapter.power(True)
    first = next(line for line in right.said if line["event"] == "heard")
    await left.wait("heard again", marks[0], event="heard")
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 60
    while (await right.wait("heard again", marks[1], event="heard"))["datum"] == first["datum"]:
        marks = marks[0], len(right.said)
        assert loop.time() < deadline, "the old period goes on after the power was off"
    await left.stop()
    await right.stop()


if __name__ == "__main__":
    asyncio.run({"hear": hear, "dial": dial, "bluetoothd_restarts": bluetoothd_restarts,
                 "dbus_restarts": dbus_restarts, "power": power}[sys.argv[2]]())
    print(f"ok {sys.argv[2]}")
