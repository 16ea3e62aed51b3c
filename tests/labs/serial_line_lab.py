#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two real daemons on a serial line: everything arrives, once, whatever the line does.

usage: serial_line_lab.py CHASKID PART [SEED] [--least SHARE]

The line is a pseudoterminal each and a program between them that carries as many bytes as the
rate allows and does to them what PART says:

  noise      1 bit of 10,000 is wrong, there are breaks, the cable is pulled and put back, a daemon
             is killed and started again: every message of both sides arrives exactly once, and the
             status says what is
  goodput    a clean line of 115,200 and of 921,600 baud carries 1,000 envelopes of 201 bytes; their
             share of the line is printed, and is at least --least
  status     what is wrong with a port is said, and what mends it; and it is found when it is mended

Prints one JSON line for each.
"""
import argparse
import collections
import fcntl
import json
import os
import pty
import subprocess
import sys
import time
import tty

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from chaskid import Daemon, introduce, scene, wait_until  # noqa: E402
from serial_cable import BYTE_BITS, Bench  # noqa: E402

ENVELOPE = 201  # bytes of the smallest, as docs/protocol/wire.md has it
OFF = "enabled = false\n[ble]\nenabled = false\n"


def node(program, folder, name, devices, baud=115200):
    """A daemon with serial ports alone."""
    quoted = ", ".join(f'"{device}"' for device in devices)
    lan = f"{OFF}[serial]\ndevices = [{quoted}]\nbaud = {baud}\n"
    return Daemon(program, folder, name, lan=lan)


def ports(daemon):
    return daemon.get("/v1/status")["transports"]["serial"]["ports"]


def linked(daemon):
    return [p for p in ports(daemon) if p.get("neighbour")]


def texts(daemon):
    return collections.Counter(m["text"] for m in daemon.messages() if m["direction"] == "in")


def pair(program, folder, cable, baud):
    anna = node(program, folder, "anna", [cable.ends[0].path], baud)
    bert = node(program, folder, "bert", [cable.ends[1].path], baud)
    return anna, bert


def noise(program, seed, _):
    with scene("serial") as (folder, nodes), Bench(folder, seed) as bench:
        cable = bench.cable("line", 115200, errors=1e-4, breaks=0.5)
        anna, bert = pair(program, folder, cable, 115200)
        nodes += [anna, bert]
        for one in nodes:
            one.start()
        introduce(anna, bert)
        cable.plug()
        wait_until(lambda: linked(anna) and linked(bert), 60, "they are neighbours on the line")
        batches = 5
        for batch in range(batches):
            for one, to in ((anna, "bert"), (bert, "anna")):
                one.send_many([{"to": to, "text": f"{one.name} {batch}-{i} " + "x" * 190}
                               for i in range(40)])
            if batch == 2:
                cable.unplug()
                wait_until(lambda: not linked(anna), 10, "anna notices that the cable is out")
                cable.plug()
            if batch == 3:  # as a brown-out: the device stays, and nobody says goodbye
                sessions = ports(anna)[0]["sessions"]
                bert.kill()
                bert.start()
                wait_until(lambda: ports(anna)[0]["sessions"] > sessions, 20,
                           "anna notices that bert began anew")
        everything = {one.name: {f"{one.name} {b}-{i} " + "x" * 190 for b in range(batches)
                                 for i in range(40)} for one in nodes}
        wait_until(lambda: set(texts(bert)) == everything["anna"]
                   and set(texts(anna)) == everything["bert"], 240, "everything arrives", every=0.5)
        for one in (anna, bert):
            assert set(texts(one).values()) == {1}, "something arrived twice"
            assert len(ports(one)) == 1 and ports(one)[0]["state"] == "linked", ports(one)
            assert not [p for p in one.get("/v1/status")["problems"] if p["part"] == "serial"]
        damaged = sum(ports(one)[0]["damaged"] for one in nodes)
        assert damaged > 0 and cable.flipped > 0 and cable.broken > 0, "the line was clean"
        return {"bits_wrong": cable.flipped, "breaks": cable.broken, "damaged": damaged,
                "sent_again": sum(ports(one)[0]["sent_again"] for one in nodes)}


def goodput(program, seed, least):
    result = {}
    for baud in (115200, 921600):
        with scene("serial") as (folder, nodes), Bench(folder, seed) as bench:
            cable = bench.cable("line", baud)
            anna, bert = pair(program, folder, cable, baud)
            nodes += [anna, bert]
            for one in nodes:
                one.start()
            introduce(anna, bert)
            count = 1000
            anna.send_many([{"to": "bert", "text": f"message {i}"} for i in range(count)])
            cable.plug()
            wait_until(lambda: linked(bert), 20, "they are neighbours on the line", every=0.002)
            began, before = time.monotonic(), list(cable.carried)
            counters = lambda: bert.get("/v1/status")["counters"]["envelopes_accepted"]
            wait_until(lambda: counters() >= count, 300, "everything arrives", every=0.01)
            seconds = time.monotonic() - began
            assert len(texts(bert)) == count
            line = seconds * baud / BYTE_BITS
            result[baud] = {
                "seconds": round(seconds, 2),
                "share_of_line": round(count * ENVELOPE / line, 3),
                "bytes_there": cable.carried[0] - before[0],
                "bytes_back": cable.carried[1] - before[1],
                "sent_again": ports(anna)[0]["sent_again"],
            }
            share = result[baud]["share_of_line"]
            assert result[baud]["bytes_there"] > count * ENVELOPE, result
            assert share >= least, f"{share} of a line of {baud} baud: {result}"
    return result


def status(program, seed, _):
    with scene("serial") as (folder, nodes), Bench(folder, seed) as bench:
        lost, used = os.path.join(folder, "lost"), os.path.join(folder, "used")
        other, loop = os.path.join(folder, "null"), os.path.join(folder, "loop")
        anna = node(program, folder, "anna", [lost, used, other, loop, folder + "/*-a"])
        master, slave = pty.openpty()
        os.symlink(os.ttyname(slave), used)
        fcntl.flock(slave, fcntl.LOCK_EX)
        os.symlink("/dev/null", other)
        echo, looped = pty.openpty()
        tty.setraw(looped)
        os.symlink(os.ttyname(looped), loop)
        nodes.append(anna.start())
        found = lambda: {os.path.basename(p["device"]): p for p in ports(anna)}
        wait_until(lambda: len(found()) == 4, 5, "all devices are listed")
        assert found()["lost"]["state"] == "absent", found()
        assert "used by another program" in found()["used"]["problem"], found()
        assert "no serial port" in found()["null"]["problem"], found()

        def hears_itself():
            os.set_blocking(echo, False)
            try:
                os.write(echo, os.read(echo, 4096))
            except BlockingIOError:
                pass
            return found()["loop"]["hears_itself"]

        wait_until(hears_itself, 10, "a joined plug is seen")
        problems = [p for p in anna.get("/v1/status")["problems"] if p["part"] == "serial"]
        assert len(problems) == 3 and all(p["mend"] for p in problems), problems
        fcntl.flock(slave, fcntl.LOCK_UN)
        wait_until(lambda: found()["used"]["state"] == "open", 10, "it is opened when it is free")
        # A pattern finds what appears later, in less than it would take to look again and again.
        bert = node(program, folder, "bert", [folder + "/relay-b"]).start()
        nodes.append(bert)
        cable = bench.cable("relay", 115200)
        cable.plug()
        wait_until(lambda: any(p["device"].endswith("relay-a") for p in linked(anna)), 10,
                   "they are neighbours on the new cable")
        for descriptor in (master, slave, echo, looped):
            os.close(descriptor)
        wait_until(lambda: "used" not in found() or found()["used"]["state"] != "open", 10,
                   "what is gone is gone")
        shown = ""
        if os.environ.get("CHASKI"):
            shown = subprocess.run([os.environ["CHASKI"], "--socket", anna.socket, "status"],
                                   capture_output=True, text=True, check=True).stdout
            assert "serial" in shown and "not plugged in" in shown, shown
        return {"ports": sorted(found()), "shown": shown}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("chaskid")
    parser.add_argument("part", choices=["noise", "goodput", "status"])
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("--least", type=float, default=0)
    wanted = parser.parse_args()
    part = {"noise": noise, "goodput": goodput, "status": status}[wanted.part]
    result = part(wanted.chaskid, wanted.seed, wanted.least)
    print(json.dumps({wanted.part: result, "seed": wanted.seed}))


if __name__ == "__main__":
    main()
