#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Inside the lab, two adapters: how quick two real daemons are, as one line of JSON.

    bars_lab.py CHASKID L2CAP-LOOP [TRIALS]

What is measured, and what is not: docs/benchmarks.md. Fails when a bar is missed.
"""
import asyncio
import http.client
import json
import os
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bluez import ADAPTER, DEVICE, Adapter  # noqa: E402
from chaskid import UnixConnection, introduce, scene, wait_until  # noqa: E402
from phones import Phone  # noqa: E402

FIRST_MEDIAN_S, FIRST_P95_S = 3.0, 6.0
GOODPUT_SHARE = 0.8
OVERTAKES_S = 0.3
FILE_BYTES = 1_000_000


def first_messages(left, right, trials):
    """Seconds from the start of two daemons that have a message to its arrival."""
    took = []
    for trial in range(trials):
        # Both know the other; the radio is quiet before and in between.
        for phone in (left, right):
            phone.stop()
        # Not always at the same moment of the rhythm in which the other is heard.
        time.sleep(0.037 * trial)
        text = f"first {trial}"
        began = time.monotonic()
        left.start()
        right.start()
        left.post("/v1/messages", to=right.name, text=text)
        wait_until(lambda: right.has(text), 60, f"{text} is there")
        took.append(time.monotonic() - began)
        if trial % 2:
            left, right = right, left
    return took


def upload(phone, to, name, size):
    connection = UnixConnection(phone.socket)
    try:
        connection.request("POST", f"/v1/files?to={to}&name={name}", body=os.urandom(size))
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise AssertionError(body)
    finally:
        connection.close()


def has_file(phone, name):
    return any(file["name"] == name and file["state"] == "whole"
               for file in phone.get("/v1/files")["files"])


def goodput(left, right):
    """Bytes per second each way, while both send a file."""
    began = time.monotonic()
    for phone, other in ((left, right), (right, left)):
        upload(phone, other.name, "both", FILE_BYTES)
    for phone in (left, right):
        wait_until(lambda: has_file(phone, "both"), 300, f"the file is at {phone.name}")
    return FILE_BYTES / (time.monotonic() - began)


def overtaking(left, right, count=9):
    """Seconds of texts that are written while a large file is on its way."""
    upload(left, right.name, "large", FILE_BYTES)
    took = []
    for number in range(count):
        # The file has begun, and is far from its end.
        time.sleep(0.7)
        began = time.monotonic()
        left.post("/v1/messages", to=right.name, text=f"urgent {number}")
        wait_until(lambda: right.has(f"urgent {number}"), 60, "the text is there")
        took.append(time.monotonic() - began)
    assert not has_file(right, "large"), "the file was gone before the texts"
    return took


async def connected(service="5ea0c0ff-7b1d-4b5f-9d5c-6f0e3c1f8a2e"):
    """A connection from hci0 to hci1; gives the two, and the device."""
    left, right = [await Adapter.open(number) for number in range(2)]
    await right.advertise(service)
    device = await left.find(service)
    await left.call(device, DEVICE, "Connect")
    await right.withdraw()
    return left, right, device


async def bare():
    """Bytes per second each way of an L2CAP channel with nothing above it."""
    left, right, device = await connected()

    async def run(own, to):
        return await asyncio.create_subprocess_exec(
            sys.argv[2], own, to, str(FILE_BYTES), "2048", stdout=subprocess.PIPE)

    listener = await run(right.address, "listen")
    psm = (await listener.stdout.readline()).decode().strip()
    dialler = await run(left.address, f"{right.address}:{psm}")
    rates = [json.loads(await process.stdout.readline())["bytes_per_s"]
             for process in (listener, dialler)]
    for process in (listener, dialler):
        process.kill()
        await process.wait()
    await left.disconnect(device)
    await left.call(left.path, ADAPTER, "RemoveDevice", "o", [device])
    for adapter in (left, right):
        adapter.bus.disconnect()
    return min(rates)


def main():
    trials = int(sys.argv[3]) if len(sys.argv) > 3 else 11
    bare_rate = asyncio.run(bare())
    with scene("ble-bars") as (folder, nodes):
        left, right = [Phone(folder, number) for number in range(2)]
        nodes += [left, right]
        for phone in nodes:
            phone.start()
        introduce(left, right)
        first = sorted(first_messages(left, right, trials))
        texts = sorted(overtaking(left, right))
        wait_until(lambda: has_file(right, "large"), 300, "the large file is there")
        rate = goodput(left, right)
    result = {
        "first_message_s": {"median": round(statistics.median(first), 2),
                            "p95": round(first[int(0.95 * len(first))], 2), "trials": trials},
        "bare_bytes_per_s": round(bare_rate), "file_bytes_per_s": round(rate),
        "goodput_share": round(rate / bare_rate, 3),
        "text_overtakes_s": {"median": round(statistics.median(texts), 3),
                             "most": round(texts[-1], 3)},
    }
    print(json.dumps(result))
    assert result["first_message_s"]["median"] < FIRST_MEDIAN_S, "first message, median"
    assert result["first_message_s"]["p95"] < FIRST_P95_S, "first message, p95"
    assert result["goodput_share"] >= GOODPUT_SHARE, "goodput"
    assert result["text_overtakes_s"]["median"] <= OVERTAKES_S, "a text overtakes a file"


if __name__ == "__main__":
    main()
