#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs secret-paths under valgrind: clean as it is, and found out when something is planted.

  secret_paths_test.py VALGRIND SECRET_PATHS nothing|branch|look-up
"""
import pathlib
import subprocess
import sys

FOUND = 99

valgrind, program, planted = sys.argv[1:]
here = pathlib.Path(__file__).resolve().parent
ran = subprocess.run(
    [
        valgrind,
        "--quiet",
        f"--error-exitcode={FOUND}",
        f"--suppressions={here / 'secret_paths.supp'}",
        program,
        planted,
    ],
    capture_output=True,
    text=True,
    errors="replace",
)
expected = 0 if planted == "nothing" else FOUND
if ran.returncode != expected:
    print(f"{planted} planted: exit {ran.returncode}, expected {expected}")
    print(ran.stdout + ran.stderr)
    sys.exit(1)
if planted != "nothing" and "plant" not in ran.stderr:
    print("something else than what was planted was found:\n" + ran.stderr)
    sys.exit(1)
print(ran.stdout, end="")
