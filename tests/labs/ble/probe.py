# SPDX-License-Identifier: Apache-2.0
"""A program of ours that runs inside the lab and says what happens as lines of JSON.

The program is always the first argument of the scene that uses this.
"""
import asyncio
import json
import subprocess
import sys


class Probe:
    """It runs; `said` are its lines so far."""

    def __init__(self):
        self.said, self.changed, self.process = [], asyncio.Event(), None

    @classmethod
    async def start(cls, *arguments):
        probe = cls()
        probe.process = await asyncio.create_subprocess_exec(
            sys.argv[1], *map(str, arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        asyncio.ensure_future(probe.read())
        return probe

    async def read(self):
        while line := await self.process.stdout.readline():
            self.said.append(json.loads(line))
            self.changed.set()

    def find(self, since=0, **wanted):
        """The lines from number `since` on that have all that is wanted."""
        return [line for line in self.said[since:]
                if all(line.get(key) == value for key, value in wanted.items())]

    async def wait(self, what="told", since=0, seconds=60, **wanted):
        """The first of these, as soon as there is one."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not (found := self.find(since, **wanted)):
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), max(deadline - loop.time(), 0.001))
            except asyncio.TimeoutError:
                last = "\n".join(map(str, self.said[-30:]))
                raise TimeoutError(f"not {what} after {seconds} s: {wanted}; it said\n{last}"
                                   ) from None
        return found[0]

    async def tell(self, line):
        """A command; over when it says so."""
        self.said = [said for said in self.said if said["event"] != "did"]
        self.process.stdin.write(line.encode() + b"\n")
        await self.wait(event="did")

    async def stop(self):
        self.process.stdin.close()
        assert await asyncio.wait_for(self.process.wait(), 20) == 0, self.said[-30:]
