#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demo tells its story to the end, in time, and leaves nothing behind.

    demo_test.py CHASKI CHASKID loopback|namespaces|interrupted|failing
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
WITHIN_S = 15.0
STORY = ["three nodes on this machine", "north and south meet", "south goes away",
         "ridge starts", "north comes by ridge", "north writes to south",
         "ridge took custody", "north goes away", "south is back", "from north  received",
         "ridge took south's receipt", "north is back", "it was delivered", "to south  delivered",
         "never connected", "To run a node for real"]


class Failure(Exception):
    pass


def require(condition, what):
    if not condition:
        raise Failure(what)


def demo(chaski, chaskid, *more, scratch):
    environment = {**os.environ, "TMPDIR": scratch, "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen([sys.executable, ROOT / "scripts/demo.py", "--chaski", chaski,
                             "--chaskid", chaskid, *more], env=environment, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)


def left_behind(scratch):
    """Processes that were started for this run and still run, and files that are still there."""
    found = [str(path) for path in pathlib.Path(scratch).iterdir()]
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if scratch in command:
            found.append(f"process {entry.name}: {command}")
    return found


def check_story(output):
    at = 0
    for words in STORY:
        found = output.find(words, at)
        require(found >= 0, f"the story lacks {words!r}, or has it too early")
        at = found
    last = float(re.findall(r"^ *([0-9.]+) s  ", output, re.MULTILINE)[-1])
    require(last < WITHIN_S, f"it took {last} s, not under {WITHIN_S} s")


def tells_its_story(chaski, chaskid, way, scratch):
    process = demo(chaski, chaskid, f"--{way}", scratch=scratch)
    output, _ = process.communicate(timeout=120)
    print(output)
    if process.returncode == 77:
        return 77
    require(process.returncode == 0, f"it ended with {process.returncode}")
    check_story(output)
    return 0


def obeys_ctrl_c(chaski, chaskid, scratch):
    """Kept running, its nodes answer; Ctrl-C ends all of it."""
    process = demo(chaski, chaskid, "--loopback", "--keep", scratch=scratch)
    for line in process.stdout:
        print(line, end="")
        if "quit" in line:
            break
    typed = next(pathlib.Path(scratch).glob("chaski-demo-*/north.sh"), None)
    require(typed is not None, "the demo ended before it could be kept")
    run = subprocess.run([typed, "status"], capture_output=True, text=True, timeout=30)
    require(run.returncode == 0 and "neighbours" in run.stdout, f"{typed} status: {run}")
    require(len(left_behind(scratch)) > 1, "the check for what is left behind sees nothing")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    require(process.returncode == 0, f"it ended with {process.returncode}")
    return 0


def says_what_failed(chaski, scratch):
    """A node that does not start is a failure with its name and its last words."""
    broken = pathlib.Path(scratch, "broken-chaskid")
    broken.write_text("#!/bin/sh\necho 'no disk today' >&2\nexit 3\n")
    broken.chmod(0o755)
    process = demo(chaski, broken, "--loopback", scratch=scratch)
    output, _ = process.communicate(timeout=60)
    print(output)
    broken.unlink()
    require(process.returncode == 1, f"it ended with {process.returncode}")
    require("ended with code 3" in output and "no disk today" in output, "it does not say why")
    return 0


def main(chaski, chaskid, what):
    scratch = tempfile.mkdtemp(prefix="demo-test-")
    try:
        if what == "interrupted":
            code = obeys_ctrl_c(chaski, chaskid, scratch)
        elif what == "failing":
            code = says_what_failed(chaski, scratch)
        else:
            code = tells_its_story(chaski, chaskid, what, scratch)
        require(not left_behind(scratch), f"left behind: {left_behind(scratch)}")
        return code
    except Failure as failure:
        print(f"demo_test: {failure}")
        return 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
