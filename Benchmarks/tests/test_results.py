"""What was measured: kept for its version alone, and compared with the best of those that were run."""

import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import chart, contestants, results, standing  # noqa: E402


class ResultsTests(unittest.TestCase):
    def test_rows_outlive_the_run_and_hold_for_their_version_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "below" / "results.json"
            kept = results.Results(path)
            kept.keep("one", "tar", "a tool", "1.0", contestants.Figures(10, 1.5, 1.0, 0.5))
            kept.keep("two", "tar", "a tool", "1.0", "it did not end")
            kept.keep_link("one", "1M", "40ms", "1.0", [{"seconds": 2}])
            again = results.Results(path)
            self.assertEqual(again.row("one", "tar", "a tool", "1.0")["bytes"], 10)
            self.assertEqual(again.row("two", "tar", "a tool", "1.0")["failure"], "it did not end")
            self.assertEqual(again.link("one", "1M", "40ms", "1.0"), [{"seconds": 2}])
            self.assertIsNone(again.row("one", "tar", "a tool", "1.1"))
            self.assertIsNone(again.row("one", "tree", "a tool", "1.0"))
            self.assertIsNone(again.link("one", "1M", "40ms", "1.1"))


class StandingTests(unittest.TestCase):
    def setUp(self):
        def row(size, sealed=0):
            parts = {"sealed_bytes": sealed}
            return {"bytes": size, "seconds": 2.0, "encode_cpu": 1.0, "decode_cpu": 0.5, "parts": parts}

        rows = {
            ("one", "tar", "packetfs"): row(300, 100),
            ("one", "tar", "first"): row(200),
            ("one", "tar", "second"): row(400),
            ("two", "tar", "packetfs"): row(900, 800),
            ("two", "tar", "first"): {"failure": "it did not end"},
            ("two", "tar", "second"): row(400),
        }
        sizes = {("one", "tar"): 1000, ("two", "tar"): 3000}
        self.standing = standing.Standing(rows, ["one", "two"], sizes)

    def test_the_best_of_those_that_ended_counts(self):
        sealed = self.standing.against("tar", "packetfs", ["first", "second"], sealed=True)
        self.assertEqual(sealed, [("one", 100, 200, "first"), ("two", 800, 400, "second")])
        self.assertAlmostEqual(standing.mean([100 / 200, 800 / 400]), 1)
        self.assertEqual(self.standing.failures(), [("two", "tar", "first", "it did not end")])
        self.assertEqual(self.standing.common("tar", ["first", "second"]), ["one"])

    def test_a_link_adds_the_time_of_the_bytes(self):
        self.assertAlmostEqual(self.standing.seconds(["one", "two"], "tar", "second", 0.001), 3 + 800 * 8 / 1000)
        self.assertEqual(self.standing.speed("tar", "second"), (2000.0, 1.0 / 4000))


class ChartTests(unittest.TestCase):
    def test_pictures_are_well_formed_and_show_every_point(self):
        series = [chart.Series(f"<{number}>", (("one", 0.01), ("two", 3 + number))) for number in range(9)]
        drawn = xml.etree.ElementTree.fromstring(chart.dots("a & b", "percent", ["one", "two"], series, "{:g}".format))
        marks = [each for each in drawn if each.get("class", "line").startswith("s")]
        self.assertEqual(len(marks), 9 + 18)
        lines = [chart.Series("a line", ((0.1, 50), (1000, 2)), dots=((1, 20),))]
        drawn = xml.etree.ElementTree.fromstring(chart.lines("t", "x", "y", lines, "{:g}".format, "{:g}".format))
        path = next(each for each in drawn if each.get("points"))
        begin, end = (tuple(map(float, pair.split(","))) for pair in path.get("points").split())
        self.assertLess(begin[0], end[0])
        self.assertLess(begin[1], end[1])


if __name__ == "__main__":
    unittest.main()
