#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Inside the lab, two adapters: bytes both ways through the descriptors of a GATT service.

Afraid of: a controller that loses or reorders, a bluetoothd that gives no descriptor, and a link
whose end nobody notices. Then nothing that runs on top of them would mean anything.
"""
import asyncio
import sys

from bluez import DEVICE, Adapter

SERVICE = "5ea0c000-7b1d-4b5f-9d5c-6f0e3c1f8a2e"
WRITE = "5ea0c001-7b1d-4b5f-9d5c-6f0e3c1f8a2e"
NOTIFY = "5ea0c002-7b1d-4b5f-9d5c-6f0e3c1f8a2e"
PACKETS = 50
ATT_HEADER = 3


async def pour(source, sink, size):
    """Sends numbered packets and checks that they arrive whole and in order."""
    loop = asyncio.get_running_loop()

    def packet(number):
        return number.to_bytes(4, "big") + bytes([number & 0xFF]) * (size - 4)

    async def send():
        for number in range(PACKETS):
            await loop.sock_sendall(source, packet(number))

    sending = asyncio.ensure_future(send())
    for number in range(PACKETS):
        got = await asyncio.wait_for(loop.sock_recv(sink, 4096), 20)
        assert got == packet(number), f"packet {number} of {size} bytes: {len(got)}, {got.hex()}"
    await sending


async def main():
    loop = asyncio.get_running_loop()
    peripheral, central = await Adapter.open(0), await Adapter.open(1)
    write, notify = await peripheral.serve(SERVICE, WRITE, NOTIFY)
    await peripheral.advertise(SERVICE)
    started = loop.time()
    device = await central.find(SERVICE)
    found = loop.time()
    await central.connect(device)
    resolved = loop.time()
    assert central.get(device, DEVICE, "Address") == peripheral.address
    assert not central.get(device, DEVICE, "Paired"), "nobody asked to pair"

    towards, mtu = await central.acquire(central.characteristic(device, WRITE), "Write")
    back, back_mtu = await central.acquire(central.characteristic(device, NOTIFY), "Notify")
    assert (mtu, back_mtu) == (517, 517), f"MTU {mtu} and {back_mtu}"
    kind, answers, _, who = await asyncio.wait_for(notify.given.get(), 10)
    assert kind == "notify"
    # The peripheral's end of a write descriptor is made with the first packet.
    await loop.sock_sendall(towards, b"first")
    kind, questions, _, writer = await asyncio.wait_for(write.given.get(), 10)
    assert kind == "write" and writer == who
    assert await asyncio.wait_for(loop.sock_recv(questions, 4096), 10) == b"first"

    # 512 bytes are the longest value of an attribute, whatever the MTU.
    sizes = (20, 244, min(mtu - ATT_HEADER, 512) - 2)
    for size in sizes:
        await pour(towards, questions, size)
        await pour(answers, back, size)
    await asyncio.gather(pour(towards, questions, sizes[-1]), pour(answers, back, sizes[-1]))
    carried = loop.time()

    seen_from_peripheral = f"{peripheral.path}/dev_{central.address.replace(':', '_')}"
    await central.disconnect(device)
    await peripheral.wait(
        lambda: not peripheral.get(seen_from_peripheral, DEVICE, "Connected"), "told of the end")
    assert await asyncio.wait_for(loop.sock_recv(back, 4096), 10) == b"", "end of file"
    print(f"found after {found - started:.2f} s, resolved {resolved - found:.2f} s later; "
          f"{PACKETS} packets of {sizes} bytes each way in {carried - resolved:.2f} s")


if __name__ == "__main__":
    asyncio.run(main())
    sys.exit(0)
