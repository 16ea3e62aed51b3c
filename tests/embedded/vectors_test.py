#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A relay's formats give other bytes on a microcontroller than here, and nobody notices until two
of them meet: the golden vectors of wire, link, reconcile and router, made by the firmware in QEMU,
are those that this machine makes and the documents show.

    vectors_test.py HERE IMAGES

HERE is chaski-vectors-here, IMAGES the folder of the firmware. Exit: 0 the same, 1 not, 77 QEMU or
the firmware is missing.
"""
import hashlib
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "labs" / "serial"))
import board  # noqa: E402

PAGES = {"link", "reconcile", "router", "wire"}
END = "= end\n"


def fail(text):
    print(f"vectors_test: {text}")
    sys.exit(1)


def main():
    here_program, images = sys.argv[1:]
    here = subprocess.run([here_program], capture_output=True, text=True, check=True,
                          timeout=120).stdout
    if not here.endswith(END):
        fail("this machine's vectors are not whole")
    names = [line.split()[1:] for line in here.splitlines() if re.match("= .* ", line)]
    if {page for page, _ in names} != PAGES:
        fail(f"pages {names}, wanted {sorted(PAGES)}")
    for machine in board.machines(images, "chaski-vectors"):
        said = board.run_to_end(machine, "chaski-vectors", images)
        theirs, end, usage = said.partition(END)
        if theirs + end != here:
            for ours, other in zip(here.splitlines(), (theirs + end).splitlines()):
                if ours != other:
                    print(f"here     {ours}\n{machine} {other}")
                    break
            fail(f"{machine} gives other vectors than this machine")
        stack = int(re.search(r"stack=(\d+)", usage).group(1))
        size = int(re.search(r"stack_size=(\d+)", usage).group(1))
        if not 0 < stack < size:
            fail(f"{machine} used {stack} bytes of a stack of {size}")
        digest = hashlib.sha256(theirs.encode()).hexdigest()
        print(f"{machine}: {len(names)} vectors, sha256 {digest[:16]}…, {usage.splitlines()[0]}")


if __name__ == "__main__":
    main()
