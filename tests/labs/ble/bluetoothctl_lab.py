#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Inside the lab, two adapters: what a person sees of two linked daemons with bluetoothctl.

    bluetoothctl_lab.py CHASKID

Afraid of: a service that others cannot read, an advertisement too many, and anything that names the
machine or pairs. Prints one line of JSON.
"""
import json
import subprocess

from phones import Mail, bluez_objects, phones
from chaskid import introduce, scene

MEET_S = 30
SERVICE = "5ea0c000-7b1d-4b5f-9d5c-6f0e3c1f8a2e"


def bluetoothctl(*words):
    """Its lines, without those that tell of changes meanwhile."""
    said = subprocess.run(["bluetoothctl", "--timeout", "2", *words], text=True, check=True,
                          stdin=subprocess.DEVNULL, capture_output=True).stdout
    return [" ".join(line.split()) for line in said.splitlines() if line.startswith("\t")]


def expect(lines, *wanted):
    for text in wanted:
        assert any(text in line for line in lines), f"no {text!r} in\n" + "\n".join(lines)


def main():
    with scene("ble-bluetoothctl") as (folder, nodes):
        both = phones(folder, nodes, 2)
        introduce(*both)
        mail = Mail()
        mail.write(both[0], both[1], "hello")
        mail.arrives(MEET_S)
        adapters = [bluez_objects()[f"/org/bluez/hci{number}"]["org.bluez.Adapter1"]["Address"]
                    for number in range(2)]
        for address in adapters:
            expect(bluetoothctl("show", address), "Alias: device", "Pairable: no", SERVICE,
                   "ActiveInstances: 0x01", "Discoverable: no")
        # As the default adapter sees the other.
        seen = [lines for lines in map(lambda address: bluetoothctl("info", address), adapters)
                if lines]
        assert len(seen) == 1, seen
        expect(seen[0], "Paired: no", "Bonded: no", "Trusted: no", "Connected: yes", SERVICE)
        print(json.dumps({"seen": len(seen[0])}))


if __name__ == "__main__":
    main()
