#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Inside the lab, two adapters: a daemon on hci0, and on hci1 somebody who wants to pair with it.

    pairing_lab.py CHASKID

Afraid of: keys of Bluetooth's own, whose weaknesses (KNOB, BIAS, BLUFFS, CVE-2023-45866) would be
ours, and a bond, which is a lasting name of both. Prints one line of JSON.
"""
import asyncio
import json
import sys

from dbus_next.service import ServiceInterface, method

from bluez import ADAPTER, DEVICE, Adapter, DBusError
from phones import Phone, bluez_objects
from chaskid import scene, wait_until


class Agreeable(ServiceInterface):
    """An agent that says yes to everything, as that of a desktop may."""

    def __init__(self):
        super().__init__("org.bluez.Agent1")

    @method()
    def RequestAuthorization(self, device: "o"):  # noqa: F821
        pass

    @method()
    def RequestConfirmation(self, device: "o", passkey: "u"):  # noqa: F821
        pass

    @method()
    def AuthorizeService(self, device: "o", uuid: "s"):  # noqa: F821
        pass

    @method()
    def Release(self):
        pass

    @method()
    def Cancel(self):
        pass


async def pair_with(address):
    """The name of the error with which pairing ends; nothing when it does not."""
    stranger = await Adapter.open(1)
    stranger.bus.export("/agent", Agreeable())
    for member, signature, *more in (("RegisterAgent", "os", "NoInputNoOutput"),
                                     ("RequestDefaultAgent", "o")):
        await stranger.call("/org/bluez", "org.bluez.AgentManager1", member, signature,
                            ["/agent", *more])
    # Who registers an agent makes every adapter pairable: the daemon takes it back.
    listener = await Adapter.open(0)
    await listener.wait(lambda: not listener.get(listener.path, ADAPTER, "Pairable"),
                        "not pairable")
    await stranger.scan()
    device = f"{stranger.path}/dev_{address.replace(':', '_')}"
    await stranger.wait(lambda: device in stranger.objects, "heard the daemon")
    await stranger.call(stranger.path, "org.bluez.Adapter1", "StopDiscovery")
    try:
        await stranger.call(device, DEVICE, "Pair")
    except DBusError as error:
        return error.type
    return None


def main():
    with scene("ble-pairing-attack") as (folder, nodes):
        phone = Phone(folder, 0)
        nodes.append(phone)
        phone.start()
        wait_until(lambda: phone.adapter().get("advertising"), 20, "it is on the air")
        adapter = bluez_objects()["/org/bluez/hci0"]["org.bluez.Adapter1"]
        address = adapter["Address"]
        wait_until(lambda: bluez_objects()["/org/bluez/hci0"]["org.bluez.Adapter1"]["Alias"] ==
                   "device", 20, "whoever connects reads no name")
        error = asyncio.run(pair_with(address))
        assert error, "it paired"
        bonds = [path for path, interfaces in bluez_objects().items()
                 if interfaces.get(DEVICE, {}).get("Paired")]
        assert not bonds, bonds
        print(json.dumps({"error": error}))


if __name__ == "__main__":
    main()
    sys.exit(0)
