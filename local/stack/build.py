"""`sam build`, when something changed since the last one, and what the local AWS needs of its result."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from samcli.yamlhelper import yaml_dump, yaml_parse

from stack import prerequisites, tools
from stack.console import Failure, Stopwatch, say, step
from stack.tools import LOCAL, ROOT

BUILT = ROOT / ".aws-sam" / "build"
PREPARED = ROOT / ".aws-sam" / "local"
_STAMP = PREPARED / ".sources"


def build() -> str:
    """Brings .aws-sam/local up to date; the answer names the sources that it is made from."""
    with tools.locked(ROOT / ".aws-sam" / "lock"):
        sources = _hash()
        if _STAMP.exists() and _STAMP.read_text() == sources:
            step("Nothing changed since the last sam build")
            return sources
        step("sam build")
        watch = Stopwatch()
        environment = prerequisites.java_environment()
        # Its tests were, or will be, run by `make test`; a plain `sam build` runs them.
        environment["MAVEN_OPTS"] += " -DskipTests"
        environment["SAM_CLI_TELEMETRY"] = "0"
        run([tools.tool("sam"), "build", "--template-file", str(ROOT / "template.yaml"), "--build-dir", str(BUILT)], environment, "sam build failed")
        _prepare()
        _STAMP.write_text(sources)
        say(f"    {watch.seconds:.0f} s")
        return sources


def run(command: list[str], environment: dict[str, str], complaint: str) -> None:
    """Runs quietly; shows what a program printed only when it failed."""
    done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        raise Failure(f"{complaint}: its output is above.")


def _prepare() -> None:
    """Without Docker the local AWS runs only functions that bring their own program: each gets the bootstrap, and the runtime's name is changed.

    The functions have one and the same jar, so they get one and the same folder, which is uploaded once.
    """
    shutil.rmtree(PREPARED, ignore_errors=True)
    PREPARED.mkdir(parents=True)
    template = yaml_parse((BUILT / "template.yaml").read_text())
    functions = [resource["Properties"] for resource in template["Resources"].values() if resource["Type"] == "AWS::Serverless::Function"]
    code = PREPARED / "functions"
    shutil.copytree(BUILT / functions[0]["CodeUri"], code, copy_function=os.link)
    shutil.copy(LOCAL / "runtime" / "bootstrap", code / "bootstrap")
    for function in functions:
        function["CodeUri"] = code.name
    template["Globals"]["Function"]["Runtime"] = "provided.al2023"
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::StateMachine":
            resource["Properties"]["DefinitionUri"] = str((BUILT / resource["Properties"]["DefinitionUri"]).resolve())
    (PREPARED / "template.yaml").write_text(yaml_dump(template))


def _hash() -> str:
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _sources() -> list[Path]:
    parts = [ROOT / "template.yaml", ROOT / "pom.xml", LOCAL / "runtime" / "bootstrap", LOCAL / "stack" / "build.py"]
    parts += (ROOT / "statemachine").glob("*.json")
    for main in ROOT.glob("functions/*/src/main"):
        parts += (path for path in main.rglob("*") if path.is_file())
    return sorted(parts)
