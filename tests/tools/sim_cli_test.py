# SPDX-License-Identifier: Apache-2.0
"""chaski-sim as a person and a program use it.

    sim_cli_test.py CHASKI_SIM SCENARIOS

Afraid of: half-read input that runs, an error without file and line, two runs of one seed that
differ, JSON that does not say what the table says.
"""
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SIM, SCENARIOS = sys.argv[1], pathlib.Path(sys.argv[2])
HALL = """
title = "Ten people in a hall"
duration_s = 900
strategies = ["chaski", "epidemic", "direct"]
[area]
width_m = 60
height_m = 40
range_m = 12
[[people]]
number = 10
model = "random-waypoint"
pause_max_s = 60
[traffic]
interval_min_s = 30
until_s = 600
"""


class Sim(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        (self.folder / "hall.toml").write_text(HALL)

    def run_sim(self, *arguments):
        run = subprocess.run([SIM, *map(str, arguments)], cwd=self.folder, timeout=120,
                             capture_output=True, text=True,
                             env={**os.environ, "CHASKI_SCENARIOS": str(SCENARIOS)})
        return run.returncode, run.stdout, run.stderr

    def printed(self, *arguments):
        code, out, err = self.run_sim(*arguments)
        self.assertEqual((code, err), (0, ""), out)
        self.assertNotIn("\x1b", out)
        return out

    def refused(self, words, *arguments):
        code, out, err = self.run_sim(*arguments)
        self.assertEqual((code, out), (2, ""), err)
        for word in words:
            self.assertIn(word, err)

    def test_a_comparison_is_a_table_json_and_csv(self):
        table = self.printed("compare", "hall.toml", "--json-file", "r.json", "--csv", "r.csv")
        results = json.loads((self.folder / "r.json").read_text())
        self.assertEqual([run["strategy"] for run in results["runs"]],
                         ["oracle", "chaski", "epidemic", "direct"])
        for run in results["runs"]:
            self.assertIn(run["strategy"], table)
            self.assertEqual(run["delivered"],
                             sum(one["delivered_s"] is not None for one in run["outcomes"]))
        oracle, chaski, epidemic, _ = results["runs"]
        self.assertEqual(oracle["outcomes"], [
            {**one, "carriers": best["carriers"], "hops": best["hops"]}
            for one, best in zip(epidemic["outcomes"], oracle["outcomes"])], "an epidemic is it")
        self.assertGreater(chaski["to_oracle"]["delivery"], 0.8)
        self.assertGreater(chaski["energy_j"]["mean"], 0)
        self.assertEqual(chaski["seen_twice"], 0)
        for one in chaski["outcomes"]:
            self.assertEqual(one["hops"] > 0, one["delivered_s"] is not None)
        self.assertIsNone(results["map"])
        rows = list(csv.DictReader((self.folder / "r.csv").read_text().splitlines()))
        self.assertEqual(len(rows), 4 * len(results["messages"]))

    def test_every_strategy_has_the_same_series(self):
        self.printed("compare", "hall.toml", "--strategies", "chaski,direct,epidemic,spray-4",
                     "--json-file", "r.json", "--html", "r.html")
        results = json.loads((self.folder / "r.json").read_text())
        oracle, *runs = results["runs"]
        self.assertEqual(oracle["series"], [])
        times = [moment["at_s"] for moment in runs[0]["series"]]
        self.assertEqual((len(times), times[-1]), (360, 900))
        for run in runs:
            self.assertEqual([moment["at_s"] for moment in run["series"]], times)
            for moment in run["series"]:
                self.assertEqual(set(moment), {"at_s", "delivered", "air_bytes", "copies",
                                               "carried_bytes"})
                self.assertEqual(moment["delivered"], sum(
                    one["delivered_s"] is not None and one["delivered_s"] <= moment["at_s"]
                    for one in run["outcomes"]))
            last = run["series"][-1]
            self.assertEqual((last["delivered"], last["air_bytes"]),
                             (run["delivered"], run["air_bytes"]))
            self.assertGreater(max(moment["copies"] for moment in run["series"]), 0)
        chaski, direct, epidemic, spray = runs
        self.assertLess(chaski["series"][-1]["copies"], epidemic["series"][-1]["copies"] / 2,
                        "a receipt is no copy")
        for few, more, most in zip(direct["series"], spray["series"], epidemic["series"]):
            self.assertLessEqual(few["copies"], more["copies"])
            self.assertLessEqual(more["copies"], most["copies"])
            self.assertLessEqual(more["carried_bytes"], most["carried_bytes"])
        watched = [(one["strategy"], one["message"]) for one in results["spread"]]
        self.assertEqual(len(set(watched)), 4 * 8)
        for one in results["spread"]:
            message = results["messages"][one["message"]]
            self.assertEqual(one["seen"][0][0], message["from"])
            run = next(run for run in runs if run["strategy"] == one["strategy"])
            outcome = run["outcomes"][one["message"]]
            self.assertEqual(message["to"] in [node for node, _ in one["seen"]],
                             outcome["delivered_s"] is not None)
            if not run["production"]:
                carriers = {node for node, _ in one["seen"]} - {message["to"]}
                self.assertEqual(len(carriers), outcome["carriers"])
        page = (self.folder / "r.html").read_text()
        data = page.split('id="results">')[1].split("</script>")[0]
        self.assertEqual(json.loads(data)["runs"], results["runs"])

    def test_files_and_groups_are_told_apart(self):
        (self.folder / "kinds.toml").write_text(
            HALL.replace("[traffic]", "[[traffic]]") +
            '[[traffic]]\nas = "files"\ninterval_min_s = 100\nuntil_s = 500\n'
            '[[traffic]]\npattern = "groups"\ncontacts_per_person = 4\ninterval_min_s = 90\n'
            'until_s = 500\n')
        table = self.printed("compare", "kinds.toml", "--json-file", "r.json", "--csv", "r.csv",
                             "--html", "r.html")
        for word in ("texts", "files", "groups", "half have it"):
            self.assertIn(word, table)
        results = json.loads((self.folder / "r.json").read_text())
        files = [i for i, one in enumerate(results["messages"]) if one["kind"] == "file"]
        groups = {one["group"] for one in results["messages"]} - {None}
        self.assertEqual((len(files), groups), (5, {0, 1, 2, 3, 4}))
        for run in results["runs"]:
            arrived = [run["outcomes"][i]["delivered_s"] is not None for i in files]
            self.assertEqual((run["files"]["written"], run["files"]["delivered"]),
                             (5, sum(arrived)))
            self.assertEqual(run["texts"]["delivered"] + run["files"]["delivered"],
                             run["delivered"])
            self.assertEqual(run["groups"]["written"], 5)
            for group in run["groups"]["outcomes"]:
                rows = [run["outcomes"][i]["delivered_s"]
                        for i, one in enumerate(results["messages"])
                        if one["group"] == group["group"]]
                self.assertEqual(len(rows), group["members"])
                self.assertEqual(sum(row is not None for row in rows), group["reached"])
                self.assertEqual(group["all_after_s"] is None, None in rows)
        self.assertEqual(results["runs"][1]["files_wrong"], 0)
        self.assertGreater(results["runs"][1]["files"]["delivery"], 0.5)
        rows = list(csv.DictReader((self.folder / "r.csv").read_text().splitlines()))
        self.assertEqual({row["kind"] for row in rows}, {"text", "file"})
        self.assertEqual({row["group"] for row in rows}, {"", *map(str, groups)})

    def test_one_seed_is_one_history(self):
        first, second, other = (json.loads(self.printed("run", "hall.toml", "--json", *seed))
                                for seed in ((), (), ("--seed", 2)))
        self.assertEqual(first, second)
        self.assertNotEqual(first["runs"][1]["world_hash"], other["runs"][1]["world_hash"])

    def test_faults_are_counted_in_words_json_and_the_report(self):
        (self.folder / "faulty.toml").write_text(
            HALL + "\n[faults.colluders]\nnumber = 2\n[faults.black_holes]\nnumber = 1\n"
            "[faults.sleepers]\nshare = 0.5\non_s = 60\noff_s = 30\n")
        words = self.printed("run", "faulty.toml", "--html", "f.html", "--json-file", "f.json")
        self.assertRegex(words, r"black holes: 1, swallowed \d+")
        self.assertRegex(words, r"named the author of \d+\.\d % of \d+ messages")
        results = json.loads((self.folder / "f.json").read_text())
        faults = results["runs"][1]["faults"]
        kinds = {one["name"]: one for one in faults["kinds"]}
        self.assertEqual({name: one["number"] for name, one in kinds.items()},
                         {"colluders": 2, "black_holes": 1, "sleepers": 4})
        self.assertGreater(kinds["black_holes"]["did"]["swallowed"], 0)
        authors = faults["colluders"]["authors"]
        self.assertEqual(authors["all"], results["runs"][1]["written"])
        self.assertGreaterEqual(authors["bound"], authors["first"]["right"])
        self.assertEqual(faults["colluders"]["linking"]["equal_tags"], 0)
        self.assertIn("What went wrong", (self.folder / "f.html").read_text())
        (self.folder / "crowded.toml").write_text(HALL + "\n[faults.absent]\nnumber = 9\n")
        self.refused(["[faults] wants 9 of 10 people"], "run", "crowded.toml")

    def test_a_map_says_where_everybody_is(self):
        results = json.loads(self.printed("run", "hall.toml", "--json", "--map"))
        self.assertEqual((results["map"]["width_m"], results["map"]["height_m"]), (60, 40))
        for frame in results["map"]["positions"]:
            self.assertEqual(len(frame), 20)

    def test_a_report_is_a_page_with_the_results_in_it(self):
        self.printed("run", "hall.toml", "--html", "r.html")
        page = (self.folder / "r.html").read_text()
        self.assertIn("Ten people in a hall", page)
        results = json.loads(self.printed("run", "hall.toml", "--json", "--map"))
        self.assertEqual(len(results["runs"][1]["series"]), 360)
        self.assertEqual(len(results["spread"]), 8)
        for one in results["spread"]:
            message = results["messages"][one["message"]]
            self.assertEqual(one["seen"][0][0], message["from"])
            if results["runs"][1]["outcomes"][one["message"]]["delivered_s"] is not None:
                self.assertIn(message["to"], [node for node, _ in one["seen"]])

    def test_the_library_is_listed_and_its_traces_are_read(self):
        names = {one["name"] for one in json.loads(self.printed("list", "--json"))}
        self.assertLessEqual({"protest", "blockade", "valley", "campus", "shelter",
                              "conference-sfhh", "office-invs15"}, names)
        self.assertIn("A protest", self.printed("list"))
        self.assertIn("403 nodes", self.printed("compare", "conference-sfhh", "--strategies",
                                                "direct,epidemic"))

    def test_contacts_are_given_as_the_one_reads_them(self):
        contacts = self.printed("trace", "hall.toml")
        (self.folder / "met.txt").write_text(contacts)
        (self.folder / "again.toml").write_text(
            'duration_s = 900\n[contacts]\nfile = "met.txt"\nhosts = 10\n'
            "[traffic]\ninterval_min_s = 30\nuntil_s = 600\n")
        self.assertEqual(self.printed("trace", "again.toml"), contacts)

    def test_a_message_is_explained_hop_by_hop(self):
        outcomes = json.loads(self.printed("run", "hall.toml", "--json"))["runs"]
        for message in (0, 7):
            told = json.loads(self.printed("explain", "hall.toml", message, "--json"))
            best, chaski = (run["outcomes"][message] for run in outcomes)
            self.assertEqual(told["delivered_s"], chaski["delivered_s"])
            self.assertEqual(told["best"][-1]["at_s"], best["delivered_s"])
            self.assertEqual(len(told["contacts"]), len(told["best"]))
            holder = told["message"]["from"]
            for hop in told["way"]:
                self.assertEqual(hop["from"], holder)
                holder = hop["to"]
            self.assertEqual(holder, told["message"]["to"])
            text = self.printed("explain", "hall.toml", message)
            self.assertIn(f"Message {message}: from {told['message']['from']} to", text)
            self.assertIn("At best: ", text)
            self.assertIn("nodes ever had it", text)
            for hop in told["way"]:
                self.assertIn(f"{hop['from']} -> {hop['to']}, after ", text)
        other = self.printed("explain", "hall.toml", 7, "--seed", 2)
        self.assertNotEqual(other, text)
        self.refused(["there is no message 99; take a number from 0 to 19"], "explain",
                     "hall.toml", 99)
        (self.folder / "post.txt").write_text("10 C M7 0 1 100\n20 C M9 1 0 100\n")
        (self.folder / "named.toml").write_text(HALL.split("[traffic]")[0] +
                                                '[traffic]\npattern = "file"\n'
                                                'file = "post.txt"\n')
        self.assertIn("Message 1 (M9): from 1 to 0", self.printed("explain", "named.toml", "M9"))

    def test_a_strategy_of_books_has_stories_too(self):
        (self.folder / "slow.toml").write_text(HALL + "lifetime_s = 300\n[ideal]\n"
                                               "bytes_per_s = 100\nbuffer_bytes = 900\n")
        ends = set()
        for scenario in ("hall.toml", "slow.toml"):
            strategies = ("epidemic", "direct", "spray-4", "prophet")
            runs = json.loads(self.printed("compare", scenario, "--json", "--strategies",
                                           ",".join(strategies)))["runs"]
            for strategy, run in zip(strategies, runs[1:]):
                told = json.loads(self.printed("explain", scenario, 7, "--json", "--strategy",
                                               strategy))
                self.assertEqual(told["strategy"], strategy)
                self.assertEqual(told["delivered_s"], run["outcomes"][7]["delivered_s"])
                self.assertEqual(len(told["way"]), run["outcomes"][7]["hops"])
                self.assertEqual(told["best"][-1]["at_s"], runs[0]["outcomes"][7]["delivered_s"])
                self.assertEqual(len(told["contacts"]), len(told["best"]))
                ends |= {copy["end"] for copy in told["copies"]}
                text = self.printed("explain", scenario, 7, "--copies", "--strategy", strategy)
                self.assertIn(f"\n{strategy}: ", text)
                self.assertIn(f"The contacts of the best path, with {strategy}:", text)
                self.assertNotIn("nobody knows", text)
                copies = text.split("Every copy:\n")[1].splitlines()
                self.assertEqual(len(copies), len(told["copies"]))
                for line, copy in zip(copies, told["copies"]):
                    giver = f"{copy['from']} -> " if copy["from"] is not None else ""
                    self.assertIn(f"  {giver}{copy['node']}", line)
        self.assertEqual(ends, {"held", "read", "expired", "displaced"})
        self.assertNotIn("Every copy", self.printed("explain", "hall.toml", 7))
        self.refused(["there is no strategy telepathy"], "explain", "hall.toml", 7, "--strategy",
                     "telepathy")

    def test_what_is_wrong_is_said_with_file_and_line(self):
        (self.folder / "bad.toml").write_text(HALL.replace("range_m = 12", "range = 12"))
        self.refused(["bad.toml:8: unknown key area.range"], "run", "bad.toml")
        (self.folder / "lost.toml").write_text(
            '[contacts]\nfile = "lost.txt"\n[traffic]\ninterval_min_s = 1\n')
        self.refused(["lost.txt", "No such file"], "run", "lost.toml")
        (self.folder / "lost.txt").write_text("0 CONN 0 1 up\n5 CONN 0 1 upp\n")
        self.refused(["lost.txt:2: expected"], "compare", "lost.toml")
        self.refused(["there is no scenario nowhere", "protest"], "run", "nowhere")
        self.refused(["there is no strategy telepathy"], "compare", "hall.toml", "--strategies",
                     "telepathy")
        code, _, err = self.run_sim("run", "hall.toml", "--json-file", "/nowhere/r.json")
        self.assertEqual(code, 1)
        self.assertIn("cannot write /nowhere/r.json", err)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
