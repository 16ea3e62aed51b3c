# SPDX-License-Identifier: Apache-2.0
"""How the tests of the command line run `chaski`: its path is the first argument."""
import os
import subprocess
import sys
import unittest

CHASKI = sys.argv[1]


class Case(unittest.TestCase):
    def run_chaski(self, node, *arguments, stdin=b"", environment=None):
        """Gives (exit code, standard output, standard error)."""
        where = {"PATH": os.environ["PATH"], "TZ": "UTC", "HOME": "/nonexistent"}
        where.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        if node is not None:
            where["CHASKI_SOCKET"] = node if isinstance(node, str) else node.path
        where.update(environment or {})
        run = subprocess.run([CHASKI, *arguments], input=stdin, env=where, timeout=30,
                             capture_output=True)
        return run.returncode, run.stdout.decode(), run.stderr.decode()

    def refused(self, code, words, node, *arguments, **more):
        """The command must end with `code` and one line on standard error that has `words`."""
        got, out, err = self.run_chaski(node, *arguments, **more)
        self.assertEqual((got, out), (code, ""), err)
        self.assertEqual(err.count("\n"), 1, f"not one line: {err!r}")
        for word in words:
            self.assertIn(word, err)
        return err

    def printed(self, node, *arguments, **more):
        code, out, err = self.run_chaski(node, *arguments, **more)
        self.assertEqual((code, err), (0, ""), out)
        self.assertNotIn("\x1b", out, "no escape sequences when this is no terminal")
        return out
