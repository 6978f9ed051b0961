"""Do the checks bite? Ten mistakes, one at a time, in a copy of the project: the check that must catch it is red and says why, and is green without it."""

import contextlib
import dataclasses
import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from stack import lint
from stack.console import Failure, Stopwatch, say
from stack.tools import ROOT

TEMPLATE = "template.yaml"
DEFINITION = "statemachine/character-performance.asl.json"
_KEY = "sk-" + hashlib.sha256(b"looks like a key, and opens nothing").hexdigest()


@dataclasses.dataclass(frozen=True)
class Mistake:
    name: str
    file: str
    what: str
    """An expression for what is right; its first place is taken."""
    instead: str
    check: Callable[[Path], str]
    says: str
    """What a person has to read, so that it is red for this reason."""


def _java(test: str) -> Callable[[Path], str]:
    # The classes come with the copy: nothing of Java is broken here.
    return _named(test, lambda root: lint.maven(["dependency:properties", "surefire:test", f"-Dtest={test}"], cwd=root))


def _python(test: str) -> Callable[[Path], str]:
    return _named(test, lambda root: lint.unittests(root, [f"tests.{test}"]))


def _named(name: str, check: Callable[[Path], str]) -> Callable[[Path], str]:
    check.__name__ = name
    return check


def _secrets(root: Path) -> str:
    return lint.secrets(root, [TEMPLATE])


_PERMISSIONS = _python("test_permissions.TheTemplate.test_its_roles_may_do_what_the_functions_do_and_no_more")
_RULES = _python("test_template.Rules.test_the_template_keeps_to_every_rule")
MISTAKES = [
    Mistake("a wildcard action", TEMPLATE, r"Action: states:StartExecution\n", "Action: states:*\n", _RULES, r"states:\*"),
    Mistake("a missing substitution", TEMPLATE, r"\n +PersistFunctionArn: .*", "", _java("DefinitionTest#substitutions*"), "PersistFunctionArn"),
    Mistake("a removed permission", TEMPLATE, r"\n +- dynamodb:UpdateItem\n", "\n", _PERMISSIONS, "dynamodb:UpdateItem"),
    Mistake("a public bucket", TEMPLATE, r"BlockPublicPolicy: true", "BlockPublicPolicy: false", _named("checkov", lint.checkov), "CKV_AWS_54"),
    Mistake("a plain-text secret", TEMPLATE, r"SecretString: !Ref CometApiKey", f"SecretString: {_KEY}", _named("secret scan", _secrets), r"template\.yaml:\d+: "),
    Mistake("a dangling Next", DEFINITION, r'"Next": "Persist"', '"Next": "Presist"', _named("ASL validators", lint.state_machine), "Presist"),
    Mistake("an unused permission", TEMPLATE, r"\n( +)- dynamodb:UpdateItem\n", r"\n\1- dynamodb:UpdateItem\n\1- dynamodb:Scan\n", _PERMISSIONS, "dynamodb:Scan"),
    Mistake("a renamed variable", TEMPLATE, r"POLL_FIRST_SECONDS: ", "POLL_START_SECONDS: ", _java("TemplateTest"), "POLL_FIRST_SECONDS"),
    Mistake("a removed TLS rule", TEMPLATE, r"\n  BucketPolicy:\n(?:    .*\n|\n)+", "\n", _RULES, "TLS"),
    Mistake("a missing failure destination", TEMPLATE, r"\n +DestinationConfig:\n +OnFailure:\n +Type: .*\n +Destination: .*\n", "\n", _RULES, "failure"),
]


def run() -> str:
    lint.maven(["test-compile"])
    log = ROOT / "target" / "lint-bites.log"
    log.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="understudy-") as folder:
        copy = Path(folder)
        for file in lint.sources(ROOT):
            _copy(ROOT / file, copy / file)
        for classes in ("classes", "test-classes"):
            shutil.copytree(ROOT / "target" / classes, copy / "target" / classes)
        green: set[str] = set()
        for mistake in MISTAKES:
            watch = Stopwatch()
            name = mistake.check.__name__
            if name not in green:
                _look(mistake.check, copy, log, "nothing is broken")
                green.add(name)
            _catch(mistake, copy, log)
            say(f"  {mistake.name:<30} {watch.seconds:5.0f} s   caught by {name}")
    return f"{len(MISTAKES)} mistakes caught"


def _catch(mistake: Mistake, copy: Path, log: Path) -> None:
    file = copy / mistake.file
    right = file.read_text()
    wrong, places = re.subn(mistake.what, mistake.instead, right, count=1)
    if not places or wrong == right:
        raise Failure(f"{mistake.name} cannot be tried: {mistake.file} has no {mistake.what!r} any more, and local/stack/bites.py has to follow.")
    file.write_text(wrong)
    try:
        said = _look(mistake.check, copy, log, mistake.name, red=True)
    finally:
        file.write_text(right)
    if not re.search(mistake.says, said):
        raise Failure(f"{mistake.name} was refused by {mistake.check.__name__}, but for another reason: {log.relative_to(ROOT)} has what it said, and it should be {mistake.says!r}.")


def _look(check: Callable[[Path], str], copy: Path, log: Path, about: str, red: bool = False) -> str:
    """What the check said; it has to be red, or not to be."""
    refused = False
    with _kept(log) as start:
        print(f"== {about}: {check.__name__}", flush=True)
        try:
            check(copy)
        except Failure as failure:
            refused = True
            print(failure, flush=True)
    if refused != red:
        state = "is green with it" if red else "is red, and nothing was broken yet"
        raise Failure(f"{about}: {check.__name__} {state}; {log.relative_to(ROOT)} has what it said.")
    return log.read_bytes()[start:].decode(errors="replace")


@contextlib.contextmanager
def _kept(log: Path) -> Iterator[int]:
    """What this process and the programs that it starts print goes to the log; the answer is where in it that begins."""
    sys.stdout.flush()
    sys.stderr.flush()
    before = [os.dup(1), os.dup(2)]
    with open(log, "ab") as file:
        start = file.tell()
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        yield start
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, kept in enumerate(before, start=1):
            os.dup2(kept, number)
            os.close(kept)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
