#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every test that docs/threat-model.md names exists: a defence whose test is gone is a claim."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
named = set(
    re.findall(
        r"`([A-Za-z0-9-]+(?:\.[A-Za-z0-9_*-]+)+|fuzz-[a-z0-9-]+\*?)`",
        (root / "docs/threat-model.md").read_text(),
    )
)
sources = "\n".join(
    p.read_text(errors="replace")
    for kind in ("*.cpp", "*.cmake")
    for p in (root / "tests").rglob(kind)
)
there = {
    f"{a}.{b}"
    for a, b in re.findall(r"\b(?:TEST(?:_F|_P)?|RC_GTEST_PROP)\(\s*(\w+),\s*(\w+)", sources)
}
for p in (root / "tests").rglob("*_test.py"):
    classes = r"^class (\w+)[^\n]*\n((?:(?!^class ).*\n)*)"
    for name, body in re.findall(classes, p.read_text(), re.M):
        there |= {f"{name}.{test}" for test in re.findall(r"def (test_\w+)", body)}
there |= {f"lab.ble.{n}" for n in re.findall(r"ble_lab_test\((\w+)", sources)}
there |= set(re.findall(r"NAME (lab\.[\w.-]+)", sources)) | {
    f"fuzz-{n}" for n in re.findall(r"chaski_fuzz\((\S+)", sources)
}


def exists(name):
    return name in there or (name.endswith("*") and any(t.startswith(name[:-1]) for t in there))


missing = sorted(n for n in named if not exists(n))
for name in missing:
    print(f"docs/threat-model.md names a test that does not exist: {name}")
print(f"{len(named)} tests named, {len(missing)} missing")
sys.exit(1 if missing or not named else 0)
