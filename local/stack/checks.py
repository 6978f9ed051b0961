"""`make test`, `make lint` and `make format`."""

import dataclasses
import os
import subprocess
import xml.etree.ElementTree as xml
from pathlib import Path

from stack import deploy, functionlogs, options, prerequisites, provider, tools
from stack.console import Failure, Stopwatch, say, step
from stack.options import REGION
from stack.tools import LOCAL, ROOT

# Short times, so that what takes hours at work takes seconds here; the rules are the same.
TEST_PARAMETERS = {
    "PollFirstSeconds": "1",
    "PollMinSeconds": "1",
    "NotVisibleGraceSeconds": "20",
    "OutputGraceSeconds": "20",
    "DueGraceSeconds": "60",
    "ProbeSeconds": "5",
    "StallRetrySeconds": "5",
    "SubmitTimeoutSeconds": "10",
    "MaxInFlight": "3",
}
RENDER_SECONDS = 2
_STACK, _PORT = "test", 4666


def everything() -> None:
    from stack import commands

    wanted = options.read(_STACK, _PORT)
    if wanted.provider_url:
        raise Failure("make test takes no COMETAPI_BASE_URL: it charges nobody.")
    watch = Stopwatch()
    results: list[Result] = []
    commands.setup()
    try:
        _template_and_machine(results)
        _python(results)
        _maven(results, "unit tests and quality", ["-Pquality", "verify"], "target/surefire-reports")
        _maven(results, "simulated provider", ["-f", "simulator/pom.xml", "verify"], "simulator/target/surefire-reports")
        _on_the_local_aws(results, wanted)
    finally:
        _summary(results, watch.seconds)


def quickly() -> None:
    results: list[Result] = []
    try:
        _template_and_machine(results)
        _maven(results, "formatting", ["-Pquality", "spotless:check"], None)
    finally:
        _summary(results, 0)


def format() -> None:
    _run([prerequisites.maven(), "-B", "-ntp", "-q", "-Pquality", "spotless:apply"])


@dataclasses.dataclass(frozen=True)
class Result:
    name: str
    seconds: float
    outcome: str


def _template_and_machine(results: list["Result"]) -> None:
    prerequisites.node()
    template = str(ROOT / "template.yaml")
    sam = [tools.tool("sam"), "validate", "--template-file", template, "--region", REGION, "--config-file", os.devnull]
    _check(results, "sam validate", sam)
    _check(results, "sam validate --lint", [*sam, "--lint"])
    _check(results, "cfn-lint", [tools.tool("cfn-lint"), "--regions", REGION, "--", template])
    _check(results, "state machine", ["bash", str(ROOT / "statemachine" / "validate" / "validate.sh")])


def _python(results: list["Result"]) -> None:
    _check(results, "local scripts", [tools.python(), "-m", "unittest", "discover", "-s", str(LOCAL / "tests"), "-t", str(LOCAL)])


def _on_the_local_aws(results: list["Result"], wanted: options.Options) -> None:
    from stack import commands

    commands.down(wanted)
    try:
        watch = Stopwatch()
        found = commands.up(wanted, TEST_PARAMETERS, RENDER_SECONDS)
        results.append(Result("sam build, sam deploy to the local AWS", watch.seconds, "ok"))
        environment = {**deploy.environment_of(wanted, found, provider.url(wanted)), "FFMPEG": tools.ffmpeg()}
        # No unit test is named so: they have been run above.
        _maven(results, "on the local AWS", ["-Pit", "-Dtest=NoUnitTests", "-Dsurefire.failIfNoSpecifiedTests=false", "verify"], "target/failsafe-reports", environment)
    except Failure:
        functionlogs.keep(wanted)
        raise
    finally:
        commands.down(wanted)


def _maven(results: list["Result"], name: str, arguments: list[str], reports: str | None, environment: dict[str, str] | None = None) -> None:
    step(f"{name}: mvn {' '.join(arguments)}")
    watch = Stopwatch()
    if reports:
        for old in (ROOT / reports).glob("TEST-*.xml"):
            old.unlink()
    ended = _run([prerequisites.maven(), "-B", "-ntp", "-q", *arguments], environment, must_succeed=False)
    counted = _count(ROOT / reports) if reports else ""
    results.append(Result(name, watch.seconds, "FAILED" if ended else counted or "ok"))
    if ended:
        raise Failure(f"{name}: mvn {' '.join(arguments)} failed; what it said is above.")
    if reports and not counted:
        raise Failure(f"{name}: no test was run.")
    if "skipped" in counted:
        raise Failure(f"{name}: tests were skipped ({counted}); none may be.")


def _count(reports: Path) -> str:
    run = skipped = 0
    for file in reports.glob("TEST-*.xml"):
        suite = xml.parse(file).getroot()
        run += int(suite.get("tests", 0))
        skipped += int(suite.get("skipped", 0))
    return (f"{run} tests" + (f", {skipped} skipped" if skipped else "")) if run else ""


def _check(results: list["Result"], name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
    step(name)
    watch = Stopwatch()
    ended = _run(command, environment, must_succeed=False)
    results.append(Result(name, watch.seconds, "FAILED" if ended else "ok"))
    if ended:
        raise Failure(f"{name} failed; what it said is above.")


def _run(command: list[str], environment: dict[str, str] | None = None, must_succeed: bool = True) -> int:
    whole = {**prerequisites.java_environment(), "SAM_CLI_TELEMETRY": "0", **(environment or {})}
    ended = subprocess.run(command, cwd=ROOT, env=whole, stdin=subprocess.DEVNULL, check=False).returncode
    if ended and must_succeed:
        raise Failure(f"{' '.join(command)} failed; what it said is above.")
    return ended


def _summary(results: list["Result"], seconds: float) -> None:
    say()
    for result in results:
        say(f"  {result.name:<40} {result.seconds:5.0f} s   {result.outcome}")
    if seconds:
        say(f"  {'all together':<40} {seconds:5.0f} s")
