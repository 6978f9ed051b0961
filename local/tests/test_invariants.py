"""INVARIANTS.md against what it names: every link is real, every named test is there and is run, and the simulation's functions are those that it calls."""

import re
import subprocess
import unittest
from pathlib import Path

from stack.tools import ROOT

PAGE = (ROOT / "INVARIANTS.md").read_text()
SIMULATION = ROOT / "simulation" / "src" / "test" / "java" / "dev" / "understudy" / "simulation"
# code on the page that is neither a test nor a function of the simulation
OTHERWISE = {"make mutants", "make chaos", "/openapi.json"}

DEFINITIONS = dict(re.findall(r"(?m)^\[(.+)\]: (\S+)$", PAGE))
TEXT = re.sub(r"(?m)^\[.+\]: \S+\n?", "", PAGE)
ROWS = {name: row for name, row in re.findall(r"(?m)^\| (I\d+) \|(.+)\|$", TEXT)}


def names_of_links(text: str) -> list[str]:
    """What stands in brackets and is no link by itself: it needs a definition."""
    return re.findall(r"\[([^\]\[]+)\](?![(\[])", text)


def functions_named(text: str) -> list[str]:
    return re.findall(r"`([a-z]\w+)`", re.sub(r"\[`[^`]+`\]", "", text))


def methods(java: str) -> dict[str, str]:
    """The methods of a class as google-java-format writes them, with their bodies; those of one name together."""
    found: dict[str, str] = {}
    for name, body in re.findall(r"(?ms)^  (?:\w[\w<>@.,? ]* )?(\w+)\([^;{}]*?\) \{\n(.*?)^  \}$", java):
        found[name] = found.get(name, "") + body
    return found


class Simulation:
    """What Invariants.java has, and which of it is called."""

    JAVA = (SIMULATION / "Invariants.java").read_text()
    METHODS = methods(JAVA)
    # by function, the invariants whose name it holds something under
    HELD = {name: re.findall(r'"(I\d+) (\w+)"', body) for name, body in METHODS.items()}

    @classmethod
    def called(cls) -> set[str]:
        """From the other classes of the simulation, and from there on."""
        others = "".join(file.read_text() for file in SIMULATION.glob("*.java") if file.name != "Invariants.java")
        seen: set[str] = set()
        ahead = set(re.findall(r"\binvariants\s*(?:\.|::)(\w+)", others)) & set(cls.METHODS)
        while ahead:
            seen |= ahead
            ahead = {name for method in ahead for name in re.findall(r"\b(\w+)\(", cls.METHODS[method])} & set(cls.METHODS) - seen
        return seen


class Rows(unittest.TestCase):
    def test_there_are_ten_invariants(self):
        self.assertEqual([f"I{number}" for number in range(1, 11)], list(ROWS))

    def test_each_is_held_by_a_test_and_by_a_function_of_the_simulation(self):
        for invariant, row in ROWS.items():
            with self.subTest(invariant):
                self.assertTrue([name for name in names_of_links(row) if name.strip("`").endswith("Test")])
                self.assertTrue(functions_named(row))


class Links(unittest.TestCase):
    def test_every_name_in_brackets_has_its_link_and_the_other_way_round(self):
        self.assertEqual(set(DEFINITIONS), set(names_of_links(TEXT)))

    def test_every_link_leads_to_a_file_of_the_project(self):
        files = _files()
        for name, path in [*DEFINITIONS.items(), *re.findall(r"\[([^\]]+)\]\(([^)#]+)\)", TEXT)]:
            with self.subTest(name):
                self.assertTrue(path in files, f"{path} is not there")
                if name.startswith("`"):
                    self.assertEqual(name.strip("`"), Path(path).stem)

    def test_every_name_of_code_is_a_link_or_a_function_of_the_simulation(self):
        left = {code for code in re.findall(r"`([^`]+)`", re.sub(r"\[`[^`]+`\]", "", TEXT)) if code not in OTHERWISE and code not in Simulation.METHODS}
        self.assertEqual(set(), left)

    def test_every_relative_link_of_every_page_leads_somewhere(self):
        files = _files()
        folders = {str(parent) for file in files for parent in Path(file).parents}
        for page in sorted(file for file in files if file.endswith(".md")):
            text = re.sub(r"(?ms)^```.*?^```$", "", (ROOT / page).read_text())
            for target in re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"(?m)^\[[^\]]+\]: (\S+)$", text):
                if re.match(r"[a-z]+:|<", target):
                    continue
                with self.subTest(page=page, link=target):
                    path, _, anchor = target.partition("#")
                    # `make bench` writes docs/ from bench/pages
                    shown = page.replace("bench/pages/", "docs/")
                    there = (ROOT / shown).parent.joinpath(path).resolve().relative_to(ROOT.resolve()) if path else Path(shown)
                    self.assertTrue(str(there) in files | folders, f"{there} is not there")
                    if anchor and str(there).endswith(".md"):
                        self.assertIn(anchor, _anchors(ROOT / there))


class Tests(unittest.TestCase):
    def test_what_is_linked_has_tests_or_is_called_by_some(self):
        tests = re.compile(r"@(?:Test|ParameterizedTest|RepeatedTest|TestFactory|ArchTest)\b|(?m:^ *def test_)|\btest\(|\bschemathesis\b")
        for name, path in DEFINITIONS.items():
            if name == "simulation":
                continue
            with self.subTest(name):
                if not tests.search((ROOT / path).read_text()):
                    stem = Path(path).stem
                    users = [file for file in (ROOT / path).parent.glob(f"*{Path(path).suffix}") if file.stem != stem and re.search(rf"\b{stem}\b", file.read_text())]
                    self.assertTrue(users, f"{path} has no test, and nothing beside it calls it")

    def test_no_linked_class_is_left_out_of_the_run(self):
        for name, path in DEFINITIONS.items():
            if path.endswith(".java"):
                with self.subTest(name):
                    self.assertNotRegex((ROOT / path).read_text(), r"(?m)^\s*@Disabled\b")


class FunctionsOfTheSimulation(unittest.TestCase):
    def test_each_that_is_named_holds_that_invariant_and_is_called(self):
        called = Simulation.called()
        for invariant, row in ROWS.items():
            for name in functions_named(row):
                with self.subTest(name):
                    self.assertIn((invariant, name), Simulation.HELD.get(name, []))
                    self.assertIn(name, called)

    def test_each_that_there_is_is_named_in_its_row(self):
        for name, held in Simulation.HELD.items():
            for invariant, under in held:
                with self.subTest(name):
                    self.assertEqual(name, under, "what breaks is said under the name of its function")
                    self.assertIn(name, functions_named(ROWS[invariant]))

    def test_nothing_is_held_without_a_name_or_elsewhere(self):
        calls = len(re.findall(r"\bhold\(", Simulation.JAVA)) - 1
        self.assertEqual(calls, sum(len(held) for held in Simulation.HELD.values()))
        for file in SIMULATION.glob("*.java"):
            if file.name != "Invariants.java":
                self.assertNotRegex(file.read_text(), r'"I\d+ \w+"')


def _files() -> set[str]:
    """What the project has, whether this is a clone or a copy without its history."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    return {str(file.relative_to(ROOT)) for file in ROOT.rglob("*") if file.is_file()}


def _anchors(page: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    headings = re.findall(r"(?m)^#{1,6} (.+)$", re.sub(r"(?ms)^```.*?^```$", "", page.read_text()))
    plain = [re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", heading).replace("`", "") for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}


if __name__ == "__main__":
    unittest.main()
