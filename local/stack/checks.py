"""`make test`, `make lint` and `make format`."""

import base64
import dataclasses
import os
import json
import re
import xml.etree.ElementTree as xml
from collections.abc import Callable
from pathlib import Path

from stack import bites, deploy, functionlogs, lint, options, package, permissions, provider, tools
from stack.console import Failure, Stopwatch, say, step
from stack.tools import LOCAL, ROOT

# Short times, so that what takes hours at work takes seconds here; the rules are the same.
TEST_PARAMETERS = {**options.IN_A_HURRY, "MaxInFlight": "3", "NotifyAbout": "all"}
RENDER_SECONDS = 2
# Histories of the simulation with every `make test`; from so many on, what chance has left out counts as missing.
SEEDS = 20_000
# `make chaos` has two hundred, and a new seed each time. Of the plan of this one, the first orders meet unknown ends and broken videos.
_CHAOS_ORDERS, _CHAOS_SEED = 20, 2310
_SIMULATION = "target/simulation-reports"
_SIMULATED = "SimulationTest#history*+everyCrash*+histories*,MutantsTest#mutants_shouldApply,DynamoDbTaskStoreDoubtTest"
_STACK, _PORT = "test", 4666
_NOT_RUN = "not run"


@dataclasses.dataclass(frozen=True)
class Check:
    """One thing that is checked. Running it answers with a word on the outcome, or raises a Failure."""

    name: str
    run: Callable[[], str]


def everything() -> None:
    from stack import commands

    wanted = dataclasses.replace(options.read(_STACK, _PORT), endpoint_url=None)
    if wanted.provider_url:
        raise Failure("make test takes no COMETAPI_BASE_URL: it charges nobody.")
    commands.setup()
    commands.down(wanted)
    try:
        _run(
            [
                *_quick(),
                _command("local scripts", [tools.python(), "-m", "unittest", "discover", "-s", str(LOCAL / "tests"), "-t", str(LOCAL)]),
                Check("what the checks catch", bites.run),
                Check("unit tests, quality", lambda: _tests("target/surefire-reports", ["-Pquality", "verify"])),
                Check("simulation", lambda: _tests(_SIMULATION, ["-Psimulation", f"-Dtest={_SIMULATED}", f"-Dsimulation.seeds={SEEDS}", "test"])),
                Check("simulated provider", lambda: _tests("simulator/target/surefire-reports", ["-f", "simulator/pom.xml", "verify"])),
                Check("package", package.twice),
                Check("sam build, sam deploy", lambda: _deployed(wanted)),
                Check("weight of the functions", _weight),
                Check("sam local", lambda: _sam_local(wanted)),
                Check("chaos", lambda: _chaos(wanted)),
                Check("official SDKs", lambda: _official_sdks(wanted)),
                Check("make smoke, make evidence", lambda: _smoke(wanted)),
                # after them, because it looks at all that was left behind
                Check("on the local AWS", lambda: _on_the_local_aws(wanted)),
                # last of all: it holds what all of them were seen to call against the policies
                Check("least privilege", lambda: _least_privilege(wanted)),
            ]
        )
    finally:
        commands.down(wanted)


def simulated() -> None:
    """The simulation by itself: many seeds and every pair of crashes, or one seed with its trace."""
    one = options.number("SEED")
    if one is not None:
        lint.maven(["-Psimulation", "-Dtest=SimulationTest#thisSeed*", f"-Dsimulation.seed={one}", "test"])
        return
    seeds = options.number("SEEDS") or SEEDS
    lint.maven(["-Psimulation", "-Dtest=SimulationTest#history*+every*+histories*", "-Dsimulation.pairs=true", f"-Dsimulation.seeds={seeds}", "test"])


def mutants() -> None:
    """Realistic mistakes in the real code: each has to be seen by the simulation."""
    lint.maven(["-Psimulation", "-Dtest=MutantsTest,PeersTest", "-Dsimulation.mutants=true", f"-Dsimulation.mutant={os.environ.get('MUTANT', '')}", "test"])


def quickly() -> None:
    _run([*_quick(), *_in_the_tests()])


def format() -> None:
    lint.maven(["-Pquality", "spotless:apply"])


def _quick() -> list[Check]:
    """What reads the project without running it, and is no part of other checks of `make test`."""
    checks = {
        "sam validate": lint.sam_validate,
        "sam validate --lint": lint.sam_lint,
        "cfn-lint": lint.cfn_lint,
        "checkov": lint.checkov,
        "state machine": lint.state_machine,
        "secrets": lint.secrets,
        "shellcheck": lint.shellcheck,
        "ruff": lint.ruff,
        "workflows": lint.workflows,
        "SBOM, licenses": lint.licenses,
    }
    return [_look(name, look) for name, look in checks.items()]


def _in_the_tests() -> list[Check]:
    """What `make test` has with the tests of the local scripts and with the unit tests."""
    checks = {
        "names, template": lint.names,
        "formatting": lint.formatting,
        "names, architecture": lint.java_names,
        "SpotBugs, findsecbugs": lint.spotbugs,
    }
    return [_look(name, look) for name, look in checks.items()]


def _look(name: str, look: Callable[[Path], str]) -> Check:
    return Check(name, lambda: look(ROOT))


def _run(checks: list[Check]) -> None:
    """One after the other up to the first failure; what was not reached is said. The last line counts what passed."""
    watch = Stopwatch()
    lines = [f"{check.name:<24} {_NOT_RUN}" for check in checks]
    passed = 0
    try:
        for index, check in enumerate(checks):
            step(check.name)
            own = Stopwatch()
            outcome = "FAILED"
            try:
                outcome = check.run()
                tests = re.match(r"(\d+) tests", outcome)
                passed += int(tests[1]) if tests else 0 if outcome.startswith(_NOT_RUN) else 1
            finally:
                lines[index] = f"{check.name:<24} {own.seconds:5.0f} s   {outcome}"
    finally:
        say()
        for line in lines:
            say(f"  {line}")
        say(f"  {'':<24} {watch.seconds:5.0f} s")
    say(f"{passed} passed, 0 failed")


def _command(name: str, command: list[str]) -> Check:
    return Check(name, lambda: lint.call(command, name))


def _deployed(wanted: options.Options) -> str:
    from stack import commands

    commands.up(wanted, {**TEST_PARAMETERS, **_webhooks(wanted)}, RENDER_SECONDS)
    _hold_webhooks(wanted)
    return "ok"


def _webhooks(wanted: options.Options) -> dict[str, str]:
    """To a port on which only the test of the webhooks listens, with a query that may stand in no log."""
    return {
        "WebhookUrl": f"http://127.0.0.1:{wanted.provider_port + 1000}/hooks?token=e2e-hook-token",
        "WebhookSecret": "whsec_" + base64.b64encode(b"the stack that is tested has this").decode(),
    }


def _hold_webhooks(wanted: options.Options) -> None:
    """Until that test wants them: else each change of each test's tasks would be sent to nobody, again and again."""
    functions = deploy.client(wanted, "lambda")
    for mapping in functions.list_event_source_mappings(FunctionName=deploy.outputs(wanted)["WebhookFunctionName"])["EventSourceMappings"]:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def _sam_local(wanted: options.Options) -> str:
    """On a stack of its own, because it interferes. Only a missing or unfit Docker is no failure: nothing else here needs one."""
    from stack import containers, samrun

    own = dataclasses.replace(wanted, stack=f"{wanted.stack[:28]}-sam", port=wanted.port + 100, provider_port=wanted.provider_port + 100)
    try:
        return samrun.run(own)
    except containers.Unavailable as missing:
        return f"{_NOT_RUN}: {missing}"


def _chaos(wanted: options.Options) -> str:
    """On a stack of its own, which it does not spare; few orders, so that it stays true between two long runs."""
    from stack import chaos

    own = dataclasses.replace(wanted, stack=f"{wanted.stack[:26]}-chaos", port=wanted.port + 200, provider_port=wanted.provider_port + 200, parameters={})
    return chaos.run(own, _CHAOS_ORDERS, _CHAOS_SEED)


def _weight() -> str:
    from bench import weight

    return weight.check()


def _on_the_local_aws(wanted: options.Options) -> str:
    environment = {**_environment(wanted), "FFMPEG": tools.ffmpeg()}
    try:
        # No unit test is named so: they have been run before.
        return _tests("target/failsafe-reports", ["-Pit", "-Dtest=NoUnitTest", "-Dsurefire.failIfNoSpecifiedTests=false", "verify"], environment)
    except Failure:
        functionlogs.keep(wanted)
        raise


def _smoke(wanted: options.Options) -> str:
    """Each form of the provider's answers; and the day's evidence, which must match what the simulated provider counted."""
    from stack import smokevariants

    return smokevariants.run(wanted)


def _official_sdks(wanted: options.Options) -> str:
    """Runway's own clients against the same stack, with their versions."""
    suites = ROOT / "e2e" / "sdk"
    reports = ROOT / "target" / "sdk-reports"
    _forget(reports)
    try:
        lint.call(["bash", str(suites / "run.sh"), "all"], "e2e/sdk/run.sh", _environment(wanted))
    except Failure:
        functionlogs.keep(wanted)
        raise
    (python,) = re.findall(r"(?m)^runwayml==(\S+)$", (suites / "requirements.txt").read_text())
    node = json.loads((suites / "node" / "package.json").read_text())["dependencies"]["@runwayml/sdk"]
    return f"{_ran(reports, 'e2e/sdk/run.sh')} with runwayml {python} (PyPI) and @runwayml/sdk {node} (npm)"


def _least_privilege(wanted: options.Options) -> str:
    record = permissions.recorded(wanted)
    # To be looked at after a failure; without anything of this run, it is what local/tests/calls.json is renewed with.
    (ROOT / "target" / "calls.json").write_text(record.sample().write())
    found = permissions.findings(deploy.template(), record, permissions.reviewed(permissions.REVIEWED.read_text()))
    if found:
        raise Failure("The policies are not what the functions need:\n  " + "\n  ".join(found))
    return f"{len(record.calls)} different calls, each allowed, and nothing more than explained"


def _environment(wanted: options.Options) -> dict[str, str]:
    return deploy.environment_of(wanted, deploy.outputs(wanted), provider.url(wanted))


def _tests(reports: str, arguments: list[str], environment: dict[str, str] | None = None) -> str:
    """Runs Maven and counts what it ran: no test at all, or one that was skipped, is a failure, too."""
    _forget(ROOT / reports)
    lint.maven(arguments, environment)
    return _ran(ROOT / reports, f"mvn {' '.join(arguments)}")


def _forget(reports: Path) -> None:
    for old in reports.glob("TEST-*.xml"):
        old.unlink()


def _ran(reports: Path, name: str) -> str:
    run, skipped = _counted(reports)
    if not run:
        raise Failure(f"{name} ran no test.")
    if skipped:
        raise Failure(f"{name} skipped tests, and none may be: {', '.join(skipped)}.")
    return f"{run} tests"


def _counted(reports: Path) -> tuple[int, list[str]]:
    cases = [case for file in sorted(reports.glob("TEST-*.xml")) for case in xml.parse(file).getroot().iter("testcase")]
    return len(cases), [f"{case.get('classname', '').rpartition('.')[2]}.{case.get('name')}" for case in cases if case.find("skipped") is not None]
