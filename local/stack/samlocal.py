"""`sam local` for the functions of a stack on this machine: SAM CLI runs them in Lambda's containers, and they use that stack's table, bucket and provider."""

import contextlib
import dataclasses
import json
import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from samcli.yamlhelper import yaml_dump, yaml_parse

from stack import build, callers, containers, deploy, payloads, tasks, tools
from stack.console import Failure, note, say, step
from stack.options import REGION, Options
from stack.processes import shown
from stack.relay import Relay, opened
from stack.tools import ROOT

TEMPLATE = ROOT / ".aws-sam" / "sam-local" / "template.yaml"
# `sam local` hands on only variables that the template has.
_ADDED = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
# As long as a day's work with a debugger; on AWS a role lends itself for an hour.
_CREDENTIALS_SECONDS = 12 * 3600
_REPORT = re.compile(r"REPORT RequestId: .*?\tDuration: ([0-9.]+) ms")


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a function said."""

    value: dict
    milliseconds: float
    """In the function, as the runtime's emulator reports it: in a new container, so with everything that a first call does."""
    seconds: float
    """Of the whole command."""


class SamLocal:
    """SAM CLI with all that it needs to know of one stack."""

    def __init__(self, wanted: Options, found: dict[str, str], image: str | None, functions: dict[str, str], variables: Path, address: str, relays: list[Relay]) -> None:
        self.wanted = wanted
        self.found = found
        self.functions = functions
        """The deployed names, by the names in the template."""
        self.image = image
        self._variables = variables
        self._address = address
        self._relays = relays

    @property
    def environment(self) -> dict[str, str]:
        """No credentials: with any, SAM CLI asks for their owner first. The functions get theirs by a file."""
        hosts = f"{os.environ['NO_PROXY']},localhost,{self._address}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COMETAPI_")}
        return {**kept, "SAM_CLI_TELEMETRY": "0", "AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": hosts, "no_proxy": hosts}

    def command(self, action: str, *arguments: str) -> list[str]:
        """`sam local <action>` for this stack."""
        image = ["--invoke-image", self.image] if self.image else []
        return [tools.tool("sam"), "local", action, *arguments, "--template-file", str(TEMPLATE), "--env-vars", str(self._variables), *image, "--skip-pull-image",
                "--parameter-overrides", f"Architecture={containers.architecture()}", "--region", REGION]

    def invoke(self, function: str, payload: str) -> Answer:
        """Runs one function once, in a container of its own."""
        before = time.monotonic()
        done = subprocess.run(self.command("invoke", function, "--event", "-"), env=self.environment, cwd=ROOT, input=payload, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - before
        reported = _REPORT.search(done.stderr)
        value = _said(done.stdout)
        if done.returncode or not reported or value is None or "errorType" in value:
            note(done.stderr)
            note(done.stdout)
            if self._relays and not any(relay.used for relay in self._relays):
                raise containers.Unavailable(f"no container reaches {self._address}, where this machine listens for them: a firewall may keep them from it")
            raise Failure(f"`sam local invoke {function}` failed; what it said is above.")
        return Answer(value, float(reported[1]), seconds)


def _said(output: str) -> dict | None:
    """The function's answer, the last line of the output; empty if it gave none. None for something else than an answer."""
    *_before, last = output.strip().splitlines() or [""]
    try:
        value = json.loads(last or "{}")
    except ValueError:
        return None
    return value if isinstance(value, dict) else {} if value is None else None


@contextlib.contextmanager
def connected(wanted: Options, found: dict[str, str]) -> Iterator[SamLocal]:
    """While this lasts, containers reach the stack, and nobody else who did not before."""
    client = containers.engine()
    address = containers.gateway(client)
    image = containers.image(client)
    functions = _deployed(wanted)
    _template(functions)
    variables, ports = _variables(wanted, functions, address)
    file = wanted.state / "sam-local.json"
    callers.write_privately(file, json.dumps(variables, indent=2) + "\n")
    try:
        with opened(address, ports) as relays:
            yield SamLocal(wanted, found, image, functions, file, address, relays)
    finally:
        file.unlink(missing_ok=True)


def names() -> list[str]:
    """The functions of the template."""
    return [name for name, resource in deploy.template()["Resources"].items() if resource["Type"] == "AWS::Serverless::Function"]


def once(wanted: Options, found: dict[str, str], function: str, event: Path, debug_port: int | None) -> None:
    """One function by hand, against a stack that runs; its answer and its log go to the terminal."""
    text = payloads.filled(event, _names(wanted, found))
    with connected(wanted, found) as sam:
        if function not in sam.functions:
            raise Failure(f"{function} is not a part of the stack {wanted.stack}: its condition in template.yaml names the parameter to give (make local PARAMS=…).")
        debug = ["--debug-port", str(debug_port)] if debug_port else []
        command = sam.command("invoke", function, "--event", "-", *debug)
        step(f"{function} with {shown(event)}, on the stack {wanted.stack}")
        say("    " + shlex.join(["sam", *command[1:]]))
        if debug_port:
            say(f"    It waits for a debugger on port {debug_port} of 127.0.0.1.")
        if subprocess.run(command, env=sam.environment, cwd=ROOT, input=text, text=True, check=False).returncode:
            raise Failure("sam local invoke failed; what it said is above.")
        say()


def _names(wanted: Options, found: dict[str, str]) -> payloads.Names:
    token = deploy.environment_of(wanted, found, "")["API_TOKEN"]
    if wanted.task is None:
        return payloads.Names(found["BucketName"], token)
    view = tasks.read(wanted, found["TableName"], wanted.task)
    if view is None:
        raise Failure(f"There is no task {wanted.task} in the stack {wanted.stack}.")
    return payloads.Names(found["BucketName"], token, wanted.task, int(view.task["generation"]))


def _template(functions: Iterable[str]) -> None:
    """What `sam build` made of these functions, with the variables that say where the local AWS is."""
    template = yaml_parse((build.BUILT / "template.yaml").read_text())
    template["Globals"]["Function"]["Environment"]["Variables"].update({name: "" for name in _ADDED})
    for name, resource in list(template["Resources"].items()):
        if resource["Type"] == "AWS::Serverless::Function":
            if name not in functions:
                del template["Resources"][name]
                continue
            # It is deployed, so its condition was met; here the parameters have their defaults.
            resource.pop("Condition", None)
            resource["Properties"]["CodeUri"] = str((build.BUILT / resource["Properties"]["CodeUri"]).resolve())
        if resource["Type"] == "AWS::Serverless::StateMachine":
            resource["Properties"]["DefinitionUri"] = str((build.BUILT / resource["Properties"]["DefinitionUri"]).resolve())
    shutil.rmtree(TEMPLATE.parent, ignore_errors=True)
    TEMPLATE.parent.mkdir(parents=True)
    TEMPLATE.write_text(yaml_dump(template))


def _deployed(wanted: Options) -> dict[str, str]:
    """The functions that the stack has, by their names in the template; some depend on a parameter."""
    pages = deploy.client(wanted, "cloudformation").get_paginator("list_stack_resources").paginate(StackName=wanted.stack)
    there = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for page in pages for resource in page["StackResourceSummaries"]}
    return {name: there[name] for name in names() if name in there}


def _variables(wanted: Options, functions: dict[str, str], address: str) -> tuple[dict[str, dict[str, str]], set[int]]:
    """Every function's variables as they are deployed, with its own role's credentials; 127.0.0.1 becomes the address at which containers find it. Then the ports there."""
    ports: set[int] = set()

    def there(value: str) -> str:
        def moved(found: re.Match) -> str:
            ports.add(int(found[1]))
            return f"http://{address}:{found[1]}"

        return re.sub(r"http://(?:127\.0\.0\.1|localhost):(\d+)", moved, value)

    variables = {}
    for name, deployed in functions.items():
        about = deploy.client(wanted, "lambda").get_function_configuration(FunctionName=deployed)
        # Plain http to another machine is refused there, as it is on AWS.
        own = {variable: value if variable == "WEBHOOK_URL" else there(value) for variable, value in about["Environment"]["Variables"].items()}
        variables[name] = {**own, "AWS_ENDPOINT_URL": there(wanted.endpoint), **_credentials(wanted, about["Role"], deployed)}
    return variables, ports


def _credentials(wanted: Options, role: str, session: str) -> dict[str, str]:
    """Of the function's own role, so that it may do what its policies allow and nothing else. Lambda alone may take it: that is changed for a moment."""
    iam, name = deploy.client(wanted, "iam"), role.rpartition("/")[2]
    trusts = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    owner = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{role.split(':')[4]}:root"}, "Action": "sts:AssumeRole"}
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps({**trusts, "Statement": [*trusts["Statement"], owner]}))
    try:
        lent = deploy.client(wanted, "sts").assume_role(RoleArn=role, RoleSessionName=session, DurationSeconds=_CREDENTIALS_SECONDS)["Credentials"]
    finally:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trusts))
    return {"AWS_ACCESS_KEY_ID": lent["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": lent["SecretAccessKey"], "AWS_SESSION_TOKEN": lent["SessionToken"]}
