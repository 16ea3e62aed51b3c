#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A completion script parses in its shell, and bash's completes what it should.

    completion_test.py PATH_OF_CHASKI bash|zsh|fish
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from fake_node import FakeNode, contact  # noqa: E402

CHECK = {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "fish": ["fish", "--no-execute"]}
PEOPLE = {"contacts": [contact("south"), contact("sol $(touch owned)"), contact("ridge")]}


def bash_completes(chaski, script, words):
    """What bash offers for the last of the words."""
    line = " ".join(f"'{word}'" for word in words)
    program = (f"source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _chaski; "
               "printf '%s\\n' \"${COMPREPLY[@]}\"")
    where = {**os.environ, "PATH": f"{pathlib.Path(chaski).parent}:{os.environ['PATH']}"}
    run = subprocess.run(["bash", "-c", program], capture_output=True, text=True, env=where,
                         timeout=30)
    assert run.returncode == 0 and not run.stderr, run.stderr
    return [word for word in run.stdout.split("\n") if word]


def check_bash(chaski, script):
    assert bash_completes(chaski, script, ["chaski", "ini"]) == ["init"]
    assert bash_completes(chaski, script, ["chaski", "introductions", "a"]) == ["accept"]
    assert bash_completes(chaski, script, ["chaski", "introduce", "a", "b", "--n"]) == ["--note"]
    assert "--urgent" in bash_completes(chaski, script, ["chaski", "send", "--"])
    assert "--urgent" not in bash_completes(chaski, script, ["chaski", "watch", "--"])
    assert bash_completes(chaski, script, ["chaski", "completion", "z"]) == ["zsh"]
    with FakeNode({"GET /v1/contacts": (200, PEOPLE)}) as node:
        start = ["chaski", "--socket", node.path, "send"]
        assert bash_completes(chaski, script, [*start, "r"]) == ["ridge"]
        # A name is somebody else's word: never run, and quoted when it is put on the line.
        names = bash_completes(chaski, script, [*start, "so"])
        assert names == ["south", "sol\\ \\$\\(touch\\ owned\\)"], names
        assert not os.path.exists("owned")
        assert bash_completes(chaski, script, [*start, "south", "so"]) == []
        both = [*start[:-1], "introduce", "south"]
        assert bash_completes(chaski, script, [*both, "r"]) == ["ridge"]
        assert bash_completes(chaski, script, [*both, "ridge", "s"]) == []


def main(chaski, shell):
    if not shutil.which(shell):
        print(f"skipped: {shell} is not installed")
        return 77
    printed = subprocess.run([chaski, "completion", shell], capture_output=True, check=True).stdout
    source = pathlib.Path(__file__).parents[2] / "completions" / f"chaski.{shell}"
    assert printed == source.read_bytes(), "the built-in script is not the file"
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        script = pathlib.Path(folder, "script")
        script.write_bytes(printed)
        run = subprocess.run([*CHECK[shell], script], capture_output=True, text=True)
        assert run.returncode == 0 and not run.stderr, run.stderr
        # The check itself must be able to fail.
        script.write_bytes(printed + b"\nif (((\n")
        assert subprocess.run([*CHECK[shell], script], capture_output=True).returncode != 0
        script.write_bytes(printed)
        if shell == "bash":
            check_bash(chaski, script)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
