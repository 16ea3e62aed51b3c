#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a relay costs that only is there: real Avahi, two neighbours found by it, nothing to carry.

usage: idle_lab.py CHASKID [SECONDS]

north - ridge - south in namespaces of their own, each with its bus and avahi-daemon. When ridge
has both neighbours and has settled, it is left alone for SECONDS (60), and then its resident
memory and its time on a processor are read from /proc. Bars, for a release build: under 12 MB and
under 0.2 %. Prints one JSON line. Exit code 77, with the reason, where namespaces are not
permitted.
"""
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "netlab"))
from chaskid import Daemon, wait_until  # noqa: E402
from netlab import Lab  # noqa: E402

RSS_MAX, CPU_PERCENT_MAX = 12_000_000, 0.2
SETTLE_S = 5


def cpu_ns(pid):
    """Time on a processor of all threads."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as f:
            total += int(f.read().split()[0])
    return total


def status(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return dict(line.split(":", 1) for line in f.read().splitlines())


def measure(pid, seconds):
    before, switches = cpu_ns(pid), int(status(pid)["voluntary_ctxt_switches"])
    time.sleep(seconds)
    after = status(pid)
    return {
        "seconds": seconds,
        "rss_bytes": int(after["VmRSS"].split()[0]) * 1024,
        "rss_anonymous_bytes": int(after["RssAnon"].split()[0]) * 1024,
        "cpu_percent": round((cpu_ns(pid) - before) / seconds / 1e7, 4),
        "wakeups_per_s": round(
            (int(after["voluntary_ctxt_switches"]) - switches) / seconds, 3
        ),
    }


def child_of(pid, name):
    """The process `name` at or below `pid`: a namespace may have been entered on the way."""
    with open(f"/proc/{pid}/comm", encoding="ascii") as f:
        if f.read().strip() == name:
            return pid
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        for child in f.read().split():
            found = child_of(int(child), name)
            if found:
                return found
    return None


def main():
    program, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    if not Lab.available():
        print(f"skipped: {Lab.why_not()}")
        sys.exit(77)
    with Lab() as lab:
        nodes = {name: lab.node(name) for name in ("north", "ridge", "south")}
        daemons = {
            name: Daemon(
                program, str(lab.folder), name, port=0, lan="discover = true\n", spawn=node.popen
            )
            for name, node in nodes.items()
        }
        try:
            for daemon in daemons.values():
                daemon.start()
            lab.wire("north", "ridge")
            lab.wire("ridge", "south")
            ridge = daemons["ridge"]
            wait_until(
                lambda: len(ridge.get("/v1/status")["neighbours"]) == 2, 20, "two neighbours"
            )
            lan = ridge.get("/v1/status")["transports"]["lan"]
            assert lan["discovery"] and not lan["discovery_problem"], lan
            time.sleep(SETTLE_S)
            figures = measure(child_of(ridge.process.pid, "chaskid"), seconds)
            figures["neighbours"] = len(ridge.get("/v1/status")["neighbours"])
            print(json.dumps(figures))
            assert figures["neighbours"] == 2, "a neighbour went away"
            assert figures["rss_bytes"] < RSS_MAX, "too much memory"
            assert figures["cpu_percent"] < CPU_PERCENT_MAX, "too much processor time"
        finally:
            for daemon in daemons.values():
                daemon.close()


if __name__ == "__main__":
    main()
