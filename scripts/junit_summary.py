#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a ctest JUnit file; prints one line a test: state, name and reason, parted by tabs.

A failed test is followed by a line `output` with the end of what it printed, its lines parted by
the character 0x1f.
"""
import sys
import xml.etree.ElementTree

LINES_SHOWN = 60


def last_lines(text):
    return "\x1f".join(text.replace("\t", "    ").strip().splitlines()[-LINES_SHOWN:])


def why_skipped(case):
    """What the test said when it skipped itself, or what ctest knows."""
    output = [line.strip() for line in case.findtext("system-out", "").splitlines()]
    for number, line in enumerate(output):
        if line.endswith(": Skipped") and number + 1 < len(output):
            return output[number + 1]
    said = [line for line in output if "skip" in line.lower() and not line.startswith("[")]
    return said[-1] if said else case.find("skipped").get("message", "no reason given")


def main(path):
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        name = case.get("name")
        if case.find("failure") is not None:
            print("output", last_lines(case.findtext("system-out", "")), sep="\t")
            reason = case.find("failure").get("message") or "failed"
            print("failed", name, reason, sep="\t")
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            print("skipped", name, why_skipped(case), sep="\t")
        elif case.get("status") == "disabled":
            print("skipped", name, "disabled", sep="\t")
        else:
            print("passed", name, "", sep="\t")


if __name__ == "__main__":
    main(sys.argv[1])
