"""`make mutation`: PIT's small changes of the rules that money and shots depend on, against their unit tests. (`make mutants` are whole mistakes against the simulation.)"""

import collections
import xml.etree.ElementTree as xml
from pathlib import Path

from stack import lint
from stack.console import Failure, Stopwatch, say
from stack.tools import ROOT

# The same share stands in pom.xml, where it fails the build.
LEAST_PERCENT = 90
REPORT = ROOT / "target" / "pit-reports" / "mutations.xml"
_KILLED = ("KILLED", "TIMED_OUT", "MEMORY_ERROR", "RUN_ERROR")
# What every package must have had, so that a run which has found no classes, or no tests, is not taken for a good one.
_LEAST_MUTANTS = {"core.task": 150, "core.stack": 100, "core.provider": 150, "core.replay": 30, "submit": 60, "poll": 30}


def run() -> None:
    REPORT.unlink(missing_ok=True)
    watch = Stopwatch()
    try:
        lint.maven(["-Pmutation", "test-compile", "org.pitest:pitest-maven:mutationCoverage"])
    finally:
        if REPORT.exists():
            say(told(REPORT))
    problem = wrong(REPORT)
    if problem:
        raise Failure(problem)
    say(f"Took {watch.seconds:.0f} s. Each survivor in its line of code: {REPORT.parent / 'index.html'}")


def told(report: Path) -> str:
    counts, survivors = _read(report)
    lines = [f"{'package':<16}{'mutants':>9}{'killed':>9}{'%':>7}"]
    for package, count in sorted(counts.items()):
        lines.append(f"{package:<16}{count['all']:>9}{count['killed']:>9}{100 * count['killed'] / count['all']:>7.1f}")
    total, killed = sum(c["all"] for c in counts.values()), sum(c["killed"] for c in counts.values())
    lines.append(f"{'in all':<16}{total:>9}{killed:>9}{100 * killed / max(total, 1):>7.1f}")
    return "\n".join([*lines, "", "survivors:", *sorted(survivors)])


def wrong(report: Path) -> str | None:
    """What is wrong with a report, in a sentence; None when nothing is."""
    if not report.exists():
        return "PIT wrote no report: no test was run against any mutant."
    counts, _survivors = _read(report)
    for package, least in _LEAST_MUTANTS.items():
        if counts[package]["all"] < least:
            return f"Only {counts[package]['all']} mutants of {package} were tried, and there were {least} and more: the profile `mutation` in pom.xml does not name what it should."
    if not sum(count["tests"] for count in counts.values()):
        return "No test was run against any mutant: Maven has to run on the JDK 25."
    total, killed = sum(c["all"] for c in counts.values()), sum(c["killed"] for c in counts.values())
    if 100 * killed < LEAST_PERCENT * total:
        return f"{100 * killed / total:.1f} % of the mutants were killed, and {LEAST_PERCENT} % have to be: the survivors above want tests."
    return None


def _read(report: Path) -> tuple[dict[str, collections.Counter[str]], list[str]]:
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    survivors = []
    for mutant in xml.parse(report).getroot().iter("mutation"):
        name = mutant.findtext("mutatedClass", "").removeprefix("dev.understudy.")
        package, _, simple = name.rpartition(".")
        killed = mutant.get("status") in _KILLED
        counts[package].update({"all": 1, "killed": int(killed), "tests": int(mutant.get("numberOfTestsRun", "0"))})
        if not killed:
            survivors.append(
                f"  {simple}:{mutant.findtext('lineNumber')} {mutant.findtext('mutatedMethod')}: {mutant.findtext('description')}{' (no test)' if mutant.get('status') == 'NO_COVERAGE' else ''}"
            )
    return counts, survivors
