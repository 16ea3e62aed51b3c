#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Inside the lab, two adapters, Privacy = device: when the address of an advertisement changes.

    address_lab.py legacy|extended

Afraid of: an advertisement that outlives its address. What is advertised would then tie the old
address to the new one. docs/protocol/ble.md rotates both in one instant, which rests on what is
tried here.
"""
import asyncio
import sys

from bluez import DEVICE, Adapter

SERVICE = "5ea0c000-7b1d-4b5f-9d5c-6f0e3c1f8a2e"
KERNEL_PERIOD_S = 900  # after which the kernel takes its address for used up
KERNEL_SLACK_S = 45  # by which a timer of that length may be late: one step of its wheel is 41 s


class Ears:
    """Who was heard saying what: datum -> addresses."""

    def __init__(self, adapter):
        self.adapter, self.heard = adapter, {}

    async def address_of(self, datum):
        def saying():
            for interfaces in self.adapter.objects.values():
                said = interfaces.get(DEVICE, {}).get("ServiceData", {}).get(SERVICE)
                if said and said.value == datum and interfaces[DEVICE]["AddressType"] == "random":
                    return interfaces[DEVICE]["Address"]
            return None

        address = await self.adapter.wait(saying, f"heard {datum.hex()}")
        self.heard.setdefault(datum, set()).add(address)
        return address


async def rotate(adapter, datum):
    await adapter.withdraw()
    await adapter.advertise(SERVICE, datum)


async def main(kind):
    speaker, listener = await Adapter.open(0), await Adapter.open(1)
    ears = Ears(listener)
    await listener.scan()
    await speaker.advertise(SERVICE, b"period 1")
    first = await ears.address_of(b"period 1")
    assert first != speaker.address

    # Too early: only a controller with extended advertising takes another address for another
    # advertisement.
    await asyncio.sleep(5)
    await rotate(speaker, b"period 2")
    second = await ears.address_of(b"period 2")
    assert (second != first) == (kind == "extended"), f"{first}, then {second}"

    # As long as one advertisement stands, so does its address.
    await asyncio.sleep(KERNEL_PERIOD_S + KERNEL_SLACK_S)
    assert await ears.address_of(b"period 2") == second
    # Once the kernel's period has passed, the next advertisement has another address with both.
    await rotate(speaker, b"period 3")
    third = await ears.address_of(b"period 3")
    assert third not in (first, second), f"{first}, {second}, then {third}"

    # And after the power was off.
    await speaker.withdraw()
    await speaker.power(False)
    await speaker.power(True)
    await speaker.advertise(SERVICE, b"period 4")
    fourth = await ears.address_of(b"period 4")
    assert fourth not in (first, second, third)
    assert all(len(addresses) == 1 for addresses in ears.heard.values()), ears.heard

    print(f"{kind}: {first}, {second}, {third}, {fourth}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
