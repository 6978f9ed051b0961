"""The gate on what the functions weigh, on made-up functions: it lets a new version of a library pass, and no new library of 500 classes."""

import json
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench import weight
from stack.console import Failure


class WeightTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.code = Path(folder.name)
        (self.code / "lib").mkdir()
        self._library("old.jar", 4_000, b"x" * 1_000)
        self.loaded = dict.fromkeys(weight.HANDLERS, 3_000)
        allowed = self.code / "lib" / "weight.json"
        for name, value in {
            "_code": lambda: self.code,
            "loaded_classes": lambda function: self.loaded[function],
            "ALLOWED": allowed,
        }.items():
            patched = mock.patch.object(weight, name, value)
            patched.start()
            self.addCleanup(patched.stop)
        size = weight.deployed()["old.jar"]
        allowed.write_text(json.dumps({"bytes": size, "classes": 4_000, "loaded": self.loaded}))

    def test_what_was_allowed_passes(self) -> None:
        self.assertIn("4,000 classes", weight.check())

    def test_a_dependency_of_500_classes_is_refused(self) -> None:
        self._library("new.jar", 500)
        with self.assertRaisesRegex(Failure, "classes grew from 4,000 to 4,500"):
            weight.check()

    def test_a_few_large_classes_are_refused(self) -> None:
        self._library("new.jar", 1, b"x" * 100_000)
        with self.assertRaisesRegex(Failure, "bytes grew"):
            weight.check()

    def test_a_function_that_loads_more_is_refused(self) -> None:
        self.loaded = {**self.loaded, "submit": 3_201}
        with self.assertRaisesRegex(Failure, "submit has loaded when it is ready grew from 3,000 to 3,201"):
            weight.check()

    def _library(self, name: str, classes: int, content: bytes = b"") -> None:
        with zipfile.ZipFile(self.code / "lib" / name, "w") as jar:
            for number in range(classes):
                jar.writestr(f"dependency/C{number}.class", content)


if __name__ == "__main__":
    unittest.main()
