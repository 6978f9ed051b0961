"""`sam build`, when something changed since the last one, and what the local AWS needs of its result."""

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from samcli.yamlhelper import yaml_dump, yaml_parse

from stack import prerequisites, tools
from stack.console import Failure, Stopwatch, say, step
from stack.tools import LOCAL, ROOT

BUILT = ROOT / ".aws-sam" / "build"
PREPARED = ROOT / ".aws-sam" / "local"
ARTIFACTS = "understudy-artifacts"
_STAMP = PREPARED / ".sources"


def build() -> str:
    """Brings .aws-sam/local up to date; the answer names the sources that it is made from."""
    with tools.locked(ROOT / ".aws-sam" / "lock"):
        sources = _sources()
        if _STAMP.exists() and _STAMP.read_text() == sources:
            step("Nothing changed since the last sam build")
            return sources
        step("sam build")
        watch = Stopwatch()
        environment = prerequisites.java_environment()
        # `make test` runs the tests; a plain `sam build` does, too.
        environment["MAVEN_OPTS"] += " -Dmaven.test.skip=true"
        environment["SAM_CLI_TELEMETRY"] = "0"
        command = [tools.tool("sam"), "build", "--template-file", str(ROOT / "template.yaml"), "--build-dir", str(BUILT)]
        run(command, environment, "sam build failed (it hides what Maven said: `mvn verify` shows it)")
        _prepare(sources)
        _STAMP.write_text(sources)
        say(f"    {watch.seconds:.0f} s")
        return sources


def run(command: list[str], environment: dict[str, str], complaint: str) -> None:
    """Runs quietly; shows what a program printed only when it failed."""
    done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        raise Failure(f"{complaint}: its output is above.")


def code() -> Path:
    """The classes and libraries that all functions share: `sam build` builds them once, and copies them for each function."""
    template = yaml_parse((BUILT / "template.yaml").read_text())
    return BUILT / next(resource["Properties"]["CodeUri"] for resource in template["Resources"].values() if resource["Type"] == "AWS::Serverless::Function")


def archive(sources: str):
    """The functions' one archive. `sam deploy` would pack and compare the same files once for each function."""
    return PREPARED / f"{sources}.zip"


def _prepare(sources: str) -> None:
    """Without Docker the local AWS runs only functions that bring their own program: they get the bootstrap, and the runtime's name is changed.

    What the bootstrap needs of this machine are variables of the functions, because the local AWS may be one that somebody else started."""
    shutil.rmtree(PREPARED, ignore_errors=True)
    PREPARED.mkdir(parents=True)
    template = yaml_parse((BUILT / "template.yaml").read_text())
    functions = [resource["Properties"] for resource in template["Resources"].values() if resource["Type"] == "AWS::Serverless::Function"]
    built = code()
    with zipfile.ZipFile(archive(sources), "w", zipfile.ZIP_STORED) as packed:
        for path in sorted(built.rglob("*")):
            packed.write(path, path.relative_to(built))
        packed.write(LOCAL / "runtime" / "bootstrap", "bootstrap")
    for function in functions:
        function["CodeUri"] = f"s3://{ARTIFACTS}/{archive(sources).name}"
    everywhere = template["Globals"]["Function"]
    everywhere["Runtime"] = "provided.al2023"
    everywhere["Environment"]["Variables"].update(_of_this_machine())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::StateMachine":
            resource["Properties"]["DefinitionUri"] = str((BUILT / resource["Properties"]["DefinitionUri"]).resolve())
    (PREPARED / "template.yaml").write_text(yaml_dump(template))


def _of_this_machine() -> dict[str, str]:
    jars, native = tools.runtime_client()
    return {"JAVA_HOME": str(prerequisites.java_home()), "LAMBDA_RIC_DIR": str(jars), "LAMBDA_RIC_JNI": str(native)}


def _sources() -> str:
    files = tools.fingerprint(
        [
            ROOT / "template.yaml",
            ROOT / "pom.xml",
            LOCAL / "runtime" / "bootstrap",
            LOCAL / "stack" / "build.py",
            *ROOT.glob("statemachine/*.json"),
            *(path for main in ROOT.glob("functions/*/src/main") for path in main.rglob("*")),
        ]
    )
    return hashlib.sha256(json.dumps([files, _of_this_machine()]).encode()).hexdigest()
