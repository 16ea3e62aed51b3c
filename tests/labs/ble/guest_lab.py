#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the lab itself promises, tried from the host: guest_lab.py CHASKID TEST_PROGRAM [NAME].

Afraid of: a lab that cannot fail. Exit codes must come out, a limit must end what hangs, what is
written inside must not touch the host, and the programs that were just built must run in it.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

LAB = pathlib.Path(__file__).resolve().parent / "ble_lab.py"
SKIP = 77


def lab(*command, options=("--adapters", "0", "--virtual-time")):
    with tempfile.TemporaryDirectory(prefix="ble-lab-") as folder:
        run = subprocess.run([LAB, *options, "--output", folder, "--", *command], text=True,
                             capture_output=True, timeout=200, check=False)
        if run.returncode == SKIP:
            print(run.stdout.strip())
            sys.exit(SKIP)
        run.logs = {path.name: path.read_text(errors="replace")
                    for path in pathlib.Path(folder).iterdir() if path.is_file()}
    return run


def expect(run, code, text=""):
    assert run.returncode == code, f"exit {run.returncode}, not {code}:\n{run.stdout}{run.stderr}"
    assert text in run.stdout, f"no '{text}' in:\n{run.stdout}{run.stderr}"


def exit_codes():
    expect(lab("true"), 0)
    expect(lab("sh", "-c", "echo spoken; echo so >&2; exit 42"), 42, "spoken\nso")
    expect(lab("sh", "-c", "kill -9 $$"), 137)
    expect(lab("no-such-command-anywhere"), 127)
    run = lab("sh", "-c", "echo kept >/lab/of-the-test")
    assert run.logs["of-the-test"] == "kept\n", run.logs.keys()
    assert "uml, 0 adapters, virtual time" in run.stderr, run.stderr


def time_limit():
    run = lab("sleep", "1000", options=("--adapters", "0", "--limit", "5"))
    expect(run, 124)
    # Asleep for a day in virtual time: waiting costs nothing.
    expect(lab("sleep", "86400"), 0)
    # A command's daemons do not keep the lab from ending.
    expect(lab("sh", "-c", "sleep 100000 & echo left one behind"), 0, "left one behind")


def host_is_left_alone():
    mark = pathlib.Path(__file__).resolve().parent / f"mark-{os.getpid()}"
    try:
        run = lab("sh", "-c", f"echo inside >{mark} && cat {mark}")
        expect(run, 0, "inside")
        assert not mark.exists(), f"{mark} was written on the host"
    finally:
        mark.unlink(missing_ok=True)


def bluetooth_is_missed():
    # No controllers but one adapter asked for: a lab whose Bluetooth does not come up fails.
    os.environ["LAB_BLUETOOTHD_OPTIONS"] = "--no-such-option"
    run = lab("true", options=("--adapters", "1", "--virtual-time"))
    del os.environ["LAB_BLUETOOTHD_OPTIONS"]
    expect(run, 125, "0 of 1 adapters")


def processes_of(folder):
    """The host's processes that are the kernel of the lab which writes there."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"LAB_FOLDER={folder}".encode() in path.read_bytes().split(b"\0"):
                found.append(path.parent.name)
        except OSError:
            continue  # it has just ended
    return found


def killed_lab_leaves_nothing():
    def wait_for(condition, what):
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, what
            time.sleep(0.05)

    lab("true")  # or skip
    with tempfile.TemporaryDirectory(prefix="ble-lab-") as folder:
        folder = pathlib.Path(folder).resolve()
        with subprocess.Popen([LAB, "--adapters", "0", "--output", folder, "--", "sleep", "1000"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            wait_for((folder / "up").exists, "the guest does not come up")
            assert processes_of(folder)
            run.kill()
        wait_for(lambda: not processes_of(folder), f"left behind: {processes_of(folder)}")


def our_programs_run():
    chaskid, program = sys.argv[1:3]
    version = subprocess.run([chaskid, "--version"], capture_output=True, text=True, check=True)
    expect(lab(chaskid, "--version"), 0, version.stdout)
    expect(lab(program), 0, "[  PASSED  ]")


def main():
    tests = [exit_codes, time_limit, host_is_left_alone, bluetooth_is_missed,
             killed_lab_leaves_nothing, our_programs_run]
    for test in tests:
        if len(sys.argv) < 4 or test.__name__ == sys.argv[3]:
            test()
            print(f"ok {test.__name__}")


if __name__ == "__main__":
    main()
