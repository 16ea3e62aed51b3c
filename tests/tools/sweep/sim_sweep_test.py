# SPDX-License-Identifier: Apache-2.0
"""chaski-sim sweep as a person, a cluster and a power cut use it.

    sim_sweep_test.py CHASKI_SIM [CASE]

Afraid of: a half record that is believed, a point that is run twice or never, figures that depend
on how many processes there were or when they were ended, one crash that takes all with it.
Processes are real and so is kill -9; CHASKI_SEED replays its moments.
"""
import csv
import json
import os
import pathlib
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

SIM = pathlib.Path(sys.argv[1]).resolve()
SEED = int(os.environ.get("CHASKI_SEED", random.SystemRandom().randrange(1 << 32)))
HALL = """
title = "Six people in a hall"
duration_s = 400
strategies = ["chaski", "direct"]
[area]
width_m = 40
height_m = 40
range_m = 12
[[people]]
number = 6
model = "random-waypoint"
pause_max_s = 60
[traffic]
interval_min_s = 30
"""
WHAT = ["hall.toml", "--seeds", "1..4", "--set", "area.range_m=6,12", "--set",
        "people.0.number=4,6"]
# Open MPI leaks what it has at the end.
MPI_ENVIRONMENT = {"ASAN_OPTIONS": "detect_leaks=0"}


def is_alive(process):
    """Whether a process runs, of which nothing but its number is known."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(process):
    """Of a process that may end at any moment, those that run."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == process:
                found.append(int(stat.parent.name))
        except (FileNotFoundError, ProcessLookupError):
            pass
    return [child for child in found if is_alive(child)]


def until(condition, process, seconds=60):
    """Waits on the process for the condition, which must come before it ends."""
    for _ in range(seconds * 50):
        if found := condition():
            return found
        try:
            process.wait(timeout=0.02)
        except subprocess.TimeoutExpired:
            continue
        return condition()
    raise AssertionError("it did not come to pass")


def gone(processes, seconds=20):
    """Waits for the end of processes that are not this one's."""
    for process in processes:
        try:
            watched = os.pidfd_open(process)
        except ProcessLookupError:
            continue
        try:
            if not select.select([watched], [], [], seconds)[0]:
                raise AssertionError(f"process {process} is still there")
        finally:
            os.close(watched)


class Case(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        (self.folder / "hall.toml").write_text(HALL)

    def start(self, *arguments, before=(), **environment):
        return subprocess.Popen([*map(str, before), str(SIM), "sweep", *map(str, arguments)],
                                cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, env={**os.environ, **environment})

    def sweep(self, *arguments, **how):
        process = self.start(*arguments, **how)
        out, err = process.communicate(timeout=200)
        return process.returncode, out, err

    def swept(self, *arguments, **how):
        code, out, err = self.sweep(*arguments, **how)
        self.assertEqual((code, err), (0, ""), out)
        self.assertNotIn("\x1b", out)
        return out

    def refused(self, words, *arguments):
        code, out, err = self.sweep(*arguments)
        self.assertEqual((code, out), (2, ""), err)
        for word in words:
            self.assertIn(word, err)

    def records(self, name):
        """The lines of a folder, but for one that has no end."""
        try:
            text = (self.folder / name / "records.jsonl").read_text()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in text.splitlines(keepends=True) if line[-1] == "\n"]

    def merged(self, name):
        return [(self.folder / name / file).read_bytes()
                for file in ("results.json", "results.csv")]


class Sweep(Case):
    def test_the_figures_are_those_of_compare_whatever_runs_at_once(self):
        table = self.swept(*WHAT, "--jobs", 1, "--out", "one")
        self.assertIn("area.range_m = 6, people.0.number = 4: 4 of 4 points", table)
        self.assertEqual(json.loads(self.swept(*WHAT, "--jobs", 5, "--out", "five", "--json")),
                         json.loads((self.folder / "one/results.json").read_text()))
        self.assertEqual(self.merged("one"), self.merged("five"))
        record = next(one for one in self.records("one")
                      if one["seed"] == 3 and one["set"] == {"area.range_m": 12,
                                                             "people.0.number": 6})
        alone = subprocess.run([SIM, "compare", "hall.toml", "--seed", "3", "--json"], text=True,
                               cwd=self.folder, stdout=subprocess.PIPE, check=True, timeout=60)
        for run, same in zip(json.loads(alone.stdout)["runs"], record["runs"], strict=True):
            # A record has the figures, not what became of each message, kind or fault.
            self.assertLessEqual({"strategy", "delivery", "delay_s", "to_oracle", "event_hash"},
                                 same.keys())
            self.assertEqual({key: run.get(key) for key in same}, same)
        rows = list(csv.DictReader((self.folder / "one/results.csv").read_text().splitlines()))
        self.assertEqual(len(rows), 4 * 3)
        for row in rows:
            values = [run["delivery"] for one in self.records("one") for run in one["runs"]
                      if run["strategy"] == row["strategy"] and
                      [str(value) for value in one["set"].values()] ==
                      [row["area.range_m"], row["people.0.number"]]]
            self.assertEqual(len(values), 4)
            self.assertAlmostEqual(float(row["delivery_mean"]), sum(values) / 4)

    def test_what_is_wrong_is_said_before_anything_runs(self):
        for setting, words in [("area.rang_m=3", ["unknown key area.rang_m; known here"]),
                               ("people.3.number=4", ["[[people]]; the first is people.0"]),
                               ("area.range_m=6,0", ["area.range_m=0", "write a number from"]),
                               ("wifi.loss=3", ["wifi.loss is 3"]),
                               ("seed=3", ["--seeds"])]:
            self.refused(words, "hall.toml", "--set", setting, "--out", "never")
        self.refused(["there is no strategy telepathy"], "hall.toml", "--strategies", "telepathy",
                     "--out", "never")
        self.refused(["--out"], "hall.toml")
        self.assertFalse((self.folder / "never").exists())

    def test_another_sweep_in_the_same_folder_is_refused(self):
        self.swept("hall.toml", "--seeds", "1,2", "--strategies", "direct", "--out", "out")
        before = self.merged("out")
        for words, *arguments in [
                ("other --seeds", "--seeds", "1,2,3", "--strategies", "direct"),
                ("other --strategies", "--seeds", "1,2", "--strategies", "direct,epidemic"),
                ("other values of --set", "--seeds", "1,2", "--strategies", "direct", "--set",
                 "area.range_m=5")]:
            self.refused([f"out holds a sweep with {words}"], "hall.toml", *arguments, "--out",
                         "out")
        (self.folder / "hall.toml").write_text(HALL.replace("= 400", "= 401"))
        self.refused(["another scenario file"], "hall.toml", "--seeds", "1,2", "--strategies",
                     "direct", "--out", "out")
        self.assertEqual(self.merged("out"), before)

    def test_a_recording_that_changed_is_another_sweep(self):
        (self.folder / "met.txt").write_text("0 CONN 0 1 up\n50 CONN 0 1 down\n")
        (self.folder / "met.toml").write_text('[contacts]\nfile = "met.txt"\n[traffic]\n'
                                              "interval_min_s = 10\n")
        self.swept("met.toml", "--strategies", "direct", "--out", "out")
        (self.folder / "met.txt").write_text("0 CONN 0 1 up\n60 CONN 0 1 down\n")
        self.refused(["other files that the scenario names"], "met.toml", "--strategies", "direct",
                     "--out", "out")

    def test_a_point_that_cannot_be_is_one_that_failed(self):
        for _ in range(2):
            code, out, err = self.sweep("hall.toml", "--seeds", "1,2", "--set",
                                        "traffic.from_s=0,5000", "--strategies", "direct", "--out",
                                        "out")
            self.assertEqual(code, 1)
            self.assertIn("2 of 4 points failed", err)
            self.assertIn("traffic.from_s=5000, seed 2: nobody writes anything; look at", err)
            self.assertIn("traffic.from_s = 0: 2 of 2 points", out)
            self.assertEqual(len(self.records("out")), 2)
        results = json.loads((self.folder / "out/results.json").read_text())
        self.assertEqual(results["missing"], [{"seed": 1, "set": {"traffic.from_s": 5000}},
                                              {"seed": 2, "set": {"traffic.from_s": 5000}}])

    def test_it_starts_without_mpi_and_says_where_mpi_lacks(self):
        needed = subprocess.run(["ldd", SIM], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertNotIn("libmpi", needed)
        (self.folder / "bin").mkdir()
        alone = self.folder / "bin/chaski-sim"
        shutil.copy(SIM, alone)
        arguments = [alone, "sweep", "hall.toml", "--strategies", "direct", "--out", "out"]
        for size, code, words in [("3", 1, "chaski-sim-mpi.so cannot be loaded"), ("1", 0, "")]:
            run = subprocess.run(arguments, cwd=self.folder, capture_output=True, text=True,
                                 env={**os.environ, "OMPI_COMM_WORLD_SIZE": size}, timeout=60,
                                 check=False)
            self.assertEqual(run.returncode, code, run.stderr)
            self.assertIn(words, run.stderr)


class Ended(Case):
    def test_kill_9_at_any_moment_loses_what_ran_and_no_more(self):
        print(f"CHASKI_SEED={SEED}", file=sys.stderr)
        moments = random.Random(SEED)
        self.swept(*WHAT, "--jobs", 2, "--out", "whole")
        known = {}
        for _ in range(60):
            process = self.start(*WHAT, "--jobs", 2, "--out", "out")
            try:
                process.wait(timeout=moments.uniform(0.05, 1.2))
            except subprocess.TimeoutExpired:
                running = children(process.pid)
                process.kill()
                _, err = process.communicate(timeout=20)
                self.assertNotIn("damaged", err)
                gone(running)
            else:
                process.communicate()
                self.assertEqual(process.returncode, 0)
                break
            now = {one["point"]: one for one in self.records("out")}
            self.assertEqual(len(now), len(self.records("out")), "no point is there twice")
            self.assertEqual({point: now.get(point) for point in known}, known)
            known = now
        self.swept_again("out")
        self.assertEqual(self.merged("out"), self.merged("whole"))

    def swept_again(self, name):
        """To the end, whatever is said of the time before."""
        code, _, err = self.sweep(*WHAT, "--jobs", 2, "--out", name)
        self.assertEqual(code, 0, err)
        return err

    def test_who_is_killed_takes_the_points_along(self):
        (self.folder / "long.toml").write_text(HALL.replace("= 400", "= 90000")
                                               .replace("number = 6", "number = 60"))
        process = self.start("long.toml", "--seeds", "1,2", "--jobs", 2, "--out", "out")
        running = until(lambda: len(found := children(process.pid)) == 2 and found, process)
        process.kill()
        try:
            gone(running, 5)
        finally:
            for child in running:
                if is_alive(child):
                    os.kill(child, signal.SIGKILL)
            process.communicate(timeout=20)

    def test_a_torn_or_damaged_record_is_run_again(self):
        self.swept(*WHAT, "--out", "out")
        whole = self.merged("out")
        records = self.folder / "out/records.jsonl"
        text = records.read_bytes()
        lines = text.splitlines(keepends=True)
        records.write_bytes(text[:-len(lines[-1]) // 2])
        self.assertEqual(self.swept_again("out"), "")
        self.assertEqual(self.merged("out"), whole)
        self.assertEqual(sorted(records.read_bytes().splitlines()), sorted(text.splitlines()))
        records.write_bytes(text.replace(b'"delivery":', b'"delivery":1', 1))
        self.assertIn("1 damaged record", self.swept_again("out"))
        self.assertEqual(self.merged("out"), whole)

    def test_a_crash_is_one_point_that_failed(self):
        (self.folder / "hall.toml").write_text(HALL.replace("= 400", "= 2000")
                                               .replace("number = 6", "number = 10"))
        what = ["hall.toml", "--seeds", "1..3", "--jobs", 1, "--out", "out"]
        process = self.start(*what)
        child = until(lambda: children(process.pid), process)[0]
        os.kill(child, signal.SIGXCPU)  # a sanitizer answers others itself
        _, err = process.communicate(timeout=100)
        self.assertEqual(process.returncode, 1)
        self.assertIn("1 of 3 points failed", err)
        self.assertIn("seed 1: its process was ended by signal 24", err)
        self.assertEqual(len(self.records("out")), 2)
        code, _, err = self.sweep(*what)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(len(self.records("out")), 3)

    def test_control_c_says_what_ran_and_leaves_nothing_behind(self):
        process = self.start(*WHAT, "--jobs", 2, "--out", "out")
        running = until(lambda: len(self.records("out")) > 2 and children(process.pid), process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 1)
        self.assertIn("stopped by Interrupt; ", err)
        self.assertIn(" of 16 points are done, and the same command again does the rest", err)
        self.assertIn("area.range_m=", err)
        gone(running)
        said = "the last time it was ended while these were running"
        self.assertIn(said, self.swept_again("out"))

    def test_two_at_once_do_not_share_a_folder(self):
        process = self.start(*WHAT, "--jobs", 1, "--out", "out")
        until(lambda: self.records("out"), process)
        process.send_signal(signal.SIGSTOP)
        code, _, err = self.sweep(*WHAT, "--out", "out")
        self.assertEqual(code, 1)
        self.assertIn("another sweep is running in out", err)
        process.kill()
        process.communicate()


class Ranks(Case):
    MPIRUN = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n"]

    def setUp(self):
        super().setUp()
        # Sockets of Open MPI lie there, and their names may not be long.
        self.addCleanup(shutil.rmtree, short := tempfile.mkdtemp(prefix="mpi", dir="/tmp"), True)
        self.environment = {**MPI_ENVIRONMENT, "TMPDIR": short}

    def test_ranks_come_to_the_same(self):
        self.swept(*WHAT, "--jobs", 1, "--out", "here")
        for ranks in (1, 3):
            code, out, err = self.sweep(*WHAT, "--out", f"of{ranks}",
                                        before=[*self.MPIRUN, ranks], **self.environment)
            self.assertEqual(code, 0, err)
            self.assertIn("4 of 4 points", out)
            self.assertEqual(self.merged(f"of{ranks}"), self.merged("here"))

    def test_a_point_that_failed_at_a_rank_is_said_with_the_rank(self):
        code, out, err = self.sweep("hall.toml", "--seeds", "1,2", "--set", "traffic.from_s=0,5000",
                                    "--strategies", "direct", "--out", "out",
                                    before=[*self.MPIRUN, 3], **self.environment)
        self.assertNotEqual(code, 0)
        self.assertIn("2 of 4 points failed", err)
        self.assertRegex(err, r"nobody writes anything; .* \(rank [12]\)")
        self.assertIn("traffic.from_s = 0: 2 of 2 points", out)

    def test_a_rank_that_dies_loses_its_point_and_no_more(self):
        self.swept(*WHAT, "--out", "here")
        process = self.start(*WHAT, "--out", "out", before=[*self.MPIRUN, 3], **self.environment)

        def ranks():
            return len(self.records("out")) > 1 and children(process.pid)

        os.kill(until(ranks, process)[-1], signal.SIGKILL)
        process.communicate(timeout=60)
        self.assertNotEqual(process.returncode, 0)
        done = len(self.records("out"))
        self.assertLess(done, 16)
        code, _, err = self.sweep(*WHAT, "--out", "out")
        self.assertEqual(code, 0, err)
        self.assertRegex(err, r"ended while these were running:\n  area.range_m=.*\(rank [12]\)")
        self.assertEqual(self.merged("out"), self.merged("here"))

    def test_a_folder_of_another_sweep_is_refused_and_all_ranks_end(self):
        self.swept("hall.toml", "--seeds", "1", "--strategies", "direct", "--out", "out")
        code, _, err = self.sweep(*WHAT, "--out", "out", before=[*self.MPIRUN, 3],
                                  **self.environment)
        self.assertNotEqual(code, 0)
        self.assertIn("out holds a sweep with other values of --set", err)


if __name__ == "__main__":
    if "Ranks" in sys.argv[2:] and shutil.which("mpirun") is None:
        print("skipped: no mpirun here; Debian's openmpi-bin has it")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
