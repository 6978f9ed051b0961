"""The report of `make mutation` has to say when there was nothing to report."""

import tempfile
import unittest
from pathlib import Path

from stack import mutation
from stack.tools import ROOT


class Report(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.report = Path(folder.name) / "mutations.xml"

    def _write(self, killed: int = 200, survived: int = 0, tests: int = 1, without: str = "") -> None:
        mutants = []
        for package in mutation._LEAST_MUTANTS:
            if package != without:
                of = f"<mutatedClass>dev.understudy.{package}.Rule</mutatedClass><mutatedMethod>of</mutatedMethod><lineNumber>7</lineNumber><description>removed call</description></mutation>"
                mutants += [f"<mutation detected='true' status='KILLED' numberOfTestsRun='{tests}'>{of}"] * killed
                mutants += [f"<mutation detected='false' status='SURVIVED' numberOfTestsRun='{tests}'>{of}"] * survived
        self.report.write_text(f"<mutations>{''.join(mutants)}</mutations>")

    def test_nothing_is_wrong_when_nine_in_ten_are_killed(self):
        self._write(killed=180, survived=20)
        self.assertIsNone(mutation.wrong(self.report))
        self.assertIn("  Rule:7 of: removed call", mutation.told(self.report))
        self.assertRegex(mutation.told(self.report), r"in all +1200 +1080 +90\.0")

    def test_it_is_said_when_fewer_are_killed(self):
        self._write(killed=179, survived=21)
        self.assertIn("89.5 %", mutation.wrong(self.report) or "")

    def test_it_is_said_when_there_is_no_report(self):
        self.assertIn("no report", mutation.wrong(self.report) or "")

    def test_it_is_said_when_no_test_was_run(self):
        self._write(tests=0)
        self.assertIn("No test was run", mutation.wrong(self.report) or "")

    def test_it_is_said_when_a_package_was_left_out(self):
        self._write(without="submit")
        self.assertIn("Only 0 mutants of submit", mutation.wrong(self.report) or "")

    def test_the_build_has_the_same_threshold(self):
        self.assertIn(f"<mutationThreshold>{mutation.LEAST_PERCENT}</mutationThreshold>", (ROOT / "pom.xml").read_text())


if __name__ == "__main__":
    unittest.main()
