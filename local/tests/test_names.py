"""Names that stand in two places and must match: make's targets and the commands behind them, payloads and handlers, checks and their documentation."""

import re
import unittest

import understudy
from stack import checks
from stack.tools import ROOT


class Targets(unittest.TestCase):
    MAKEFILE = (ROOT / "Makefile").read_text()

    def test_every_command_is_a_target_with_a_line_of_help(self):
        targets = set(re.findall(r"(?m)^([a-z-]+): ## \S", self.MAKEFILE))
        self.assertEqual({*understudy.COMMANDS, "help", "clean"} - {"setup"}, targets)

    def test_every_target_is_phony(self):
        (phony,) = re.findall(r"(?m)^\.PHONY: (.+)$", self.MAKEFILE)
        self.assertEqual(set(re.findall(r"(?m)^([a-z-]+):", self.MAKEFILE)), set(phony.split()))


class Payloads(unittest.TestCase):
    """events/ has a payload for every function, and every one is handed to a handler by a unit test beside it."""

    def test_every_payload_is_named_by_a_test_of_a_function_and_every_function_has_one(self):
        payloads = {file.name for file in (ROOT / "events").glob("*.json")}
        functions = {file.parts[-8] for file in ROOT.glob("functions/*/src/main/java/dev/understudy/*/*Handler.java")}
        read = {(function, payload) for function in functions for payload in self._named_by(function) & payloads}
        self.assertEqual(payloads, {payload for _function, payload in read})
        self.assertEqual(functions, {function for function, _payload in read})

    @staticmethod
    def _named_by(function: str) -> set[str]:
        tests = (ROOT / "functions" / function / "src" / "test").rglob("*.java")
        return {name for test in tests for name in re.findall(r'"([a-z0-9-]+\.json)"', test.read_text())}


class Documentation(unittest.TestCase):
    def test_every_check_has_a_line_in_the_page_on_testing(self):
        explained = set(re.findall(r"(?m)^\| ([^|]+?) \|", (ROOT / "docs" / "testing.md").read_text()))
        names = {check.name for check in [*checks._quick(), *checks._in_the_tests()]}
        self.assertEqual(set(), names - explained)


if __name__ == "__main__":
    unittest.main()
