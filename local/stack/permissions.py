"""Whether the template's roles may do what the functions do, and nothing else.

What the functions do is a record of a run of all tests on the local AWS (local/runtime/emulator.py). What they may do is read from the
template as CloudFormation gets it: transformed by SAM, with its references resolved to the names of the stack of that run. Each call has to
be allowed by the policies of its role, and each action that a role may take on a resource has to have been seen, or stand in permissions.txt
with a reason.
"""

import copy
import dataclasses
import fnmatch
import functools
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from stack import deploy, emulator
from stack.console import Failure
from stack.options import REGION, Options

REVIEWED = Path(__file__).with_suffix(".txt")

_SERVICE_ARNS = {
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{name}",
    "AWS::Events::EventBus": "events:{region}:{account}:event-bus/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::KMS::Key": "kms:{region}:{account}:key/{name}",
    "AWS::Lambda::Alias": "lambda:{region}:{account}:function:{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Lambda::Version": "lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
    "AWS::S3::Bucket": "s3:::{name}",
    # The six characters are AWS's own, and part of every secret's ARN.
    "AWS::SecretsManager::Secret": "secretsmanager:{region}:{account}:secret:{name}-??????",
    "AWS::SNS::Topic": "sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
    "AWS::StepFunctions::StateMachine": "states:{region}:{account}:stateMachine:{name}",
}
_REF_IS_THE_ARN = {"AWS::Lambda::Alias", "AWS::Lambda::Version", "AWS::SecretsManager::Secret", "AWS::SNS::Topic", "AWS::StepFunctions::StateMachine"}
_NO_VALUE = object()


@dataclasses.dataclass(frozen=True)
class Stack:
    """What a template's references mean: in the stack of a run, or by themselves (a resource is then called as in the template)."""

    name: str = "STACK"
    region: str = "REGION"
    account: str = "ACCOUNT"
    names: dict[str, str] = dataclasses.field(default_factory=dict)
    """Physical names by logical ones."""
    parameters: dict[str, str] = dataclasses.field(default_factory=dict)

    def physical(self, logical: str) -> str:
        return self.names.get(logical, logical)

    def arn(self, logical: str, kind: str) -> str:
        name = self.physical(logical)
        if name.startswith("arn:"):
            return name
        if kind not in _SERVICE_ARNS:
            raise Failure(f"local/stack/permissions.py does not know the ARN of {logical}, an {kind}: add it to the list there.")
        return "arn:aws:" + _SERVICE_ARNS[kind].format(region=self.region, account=self.account, name=name)


@dataclasses.dataclass(frozen=True)
class Call:
    """Something that a role was asked about: what it did, if it was allowed to."""

    role: str
    """The role's name in the template."""
    action: str
    resource: str
    allowed: bool = True

    def __str__(self) -> str:
        return f"{self.role}: {self.action} on {self.resource}"


@dataclasses.dataclass(frozen=True)
class Grant:
    """One action on one resource that a role may take (or, where it is denied, may not)."""

    role: str
    action: str
    resource: str
    """An ARN, which may be a pattern, with the names of the stack."""
    shown: str
    """The same with the names of the template."""
    source: str
    allow: bool = True

    def covers(self, call: Call) -> bool:
        return self.role == call.role and _matches(self.action.lower(), call.action.lower()) and _matches(self.resource, call.resource)

    def __str__(self) -> str:
        return f"{self.role} may {self.action} on {self.shown} ({self.source})"


@dataclasses.dataclass(frozen=True)
class Reviewed:
    """A line of permissions.txt: what may be otherwise, and why."""

    kind: str
    role: str
    action: str
    resource: str
    why: str

    def of(self, role: str, action: str, resource: str) -> bool:
        return all(any(fnmatch.fnmatchcase(text, one.strip()) for one in pattern.split(",")) for text, pattern in ((role, self.role), (action, self.action), (resource, self.resource)))

    def __str__(self) -> str:
        return f"{self.kind} | {self.role} | {self.action} | {self.resource}"


KINDS = ("unseen", "sometimes", "any-resource", "denied")


def reviewed(text: str) -> list[Reviewed]:
    lines = []
    for line in filter(None, (line.partition("#")[0].strip() for line in text.splitlines())):
        fields = [field.strip() for field in line.split("|")]
        if len(fields) != 5 or fields[0] not in KINDS or not all(fields):
            raise Failure(f"permissions.txt has a line that is not `kind | role | action | resource | why` with a kind of {', '.join(KINDS)}: {line}")
        lines.append(Reviewed(*fields))
    return lines


@dataclasses.dataclass(frozen=True)
class Record:
    stack: Stack
    calls: list[Call]

    @staticmethod
    def read(text: str) -> "Record":
        content = json.loads(text)
        return Record(Stack(**content["stack"]), [Call(**call) for call in content["calls"]])

    def write(self) -> str:
        calls = ",\n".join("    " + json.dumps(dataclasses.asdict(call)) for call in self.calls)
        return f'{{\n  "stack": {json.dumps(dataclasses.asdict(self.stack), sort_keys=True)},\n  "calls": [\n{calls}\n  ]\n}}\n'

    def sample(self) -> "Record":
        """The same without anything of its run: names as in the template, and of keys only what policies look at."""
        replaced = {physical: logical for logical, physical in self.stack.names.items() if not physical.startswith("arn:")}
        pattern = re.compile("|".join(re.escape(name) for name in sorted(replaced, key=len, reverse=True)) or r"\Z.")

        def neutral(text: str) -> str:
            text = pattern.sub(lambda found: replaced[found[0]], text)
            text = text.replace(self.stack.account, "123456789012").replace(f":{self.stack.name}-", ":understudy-")
            text = re.sub(r"(:secret:\w+)-\w{6}$", r"\1-AbCdEf", text)
            return re.sub(r"(arn:aws:s3:::\w+)/(.+)", lambda found: f"{found[1]}/{_key(found[2])}", text)

        names = {logical: neutral(physical) for logical, physical in self.stack.names.items() if physical.startswith("arn:")}
        calls = {dataclasses.replace(call, resource=neutral(call.resource)) for call in self.calls}
        parameters = {name: re.sub(r"://.*", "://address", value) for name, value in self.stack.parameters.items()}
        stack = dataclasses.replace(self.stack, name="understudy", account="123456789012", names=names, parameters=parameters)
        return Record(stack, sorted(calls, key=lambda call: (call.role, call.action, call.resource, call.allowed)))


def _key(key: str) -> str:
    """A key's folder at the top and its file: `outputs/x/status.json`, `inputs/x/x.png`."""
    first, *between, last = key.split("/") if "/" in key else (key, key)
    known = ("task.json", "status.json", "error.json", "dryrun.json")
    if "/" not in key:
        return key
    return "/".join([first, *(["x"] if between else []), last if last in known else "x" + os.path.splitext(last)[1].lower()])


def recorded(options: Options) -> Record:
    """What the functions of a running stack have called up to now."""
    cloudformation = deploy.client(options, "cloudformation")
    parameters = cloudformation.describe_stacks(StackName=options.stack)["Stacks"][0].get("Parameters", [])
    secret = {name for name, about in deploy.template()["Parameters"].items() if about.get("NoEcho")}
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=options.stack)
    stack = Stack(
        name=options.stack,
        region=REGION,
        account=deploy.client(options, "sts").get_caller_identity()["Account"],
        names={resource["LogicalResourceId"]: resource["PhysicalResourceId"] for page in pages for resource in page["StackResourceSummaries"]},
        parameters={one["ParameterKey"]: one["ParameterValue"] for one in parameters if one["ParameterKey"] not in secret},
    )
    logical = {physical: name for name, physical in stack.names.items()}
    calls = map(json.loads, emulator.calls(options).read_text().splitlines())
    # Tests make roles of their own, too: those are not in the stack.
    return Record(stack, [Call(logical[call["role"]], call["action"], call["resource"], call["allowed"]) for call in calls if call["role"] in logical])


def transformed(template: dict) -> dict:
    """The template as CloudFormation gets it from SAM."""
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    template = copy.deepcopy(template)
    # Where the code lies is of no interest here, and has to be somewhere in S3.
    template.setdefault("Globals", {}).setdefault("Function", {})["CodeUri"] = "s3://bucket/key"
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::StateMachine":
            resource["Properties"]["DefinitionUri"] = "s3://bucket/key"
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")
    translator = Translator({}, Parser())
    plain = translator.translate(template, {})
    # To nobody: without it, each translation complains that it was not done.
    translator.metrics.publish()
    return plain


def findings(template: dict, record: Record, lines: list[Reviewed]) -> list[str]:
    """What is wrong, each in a sentence; empty if the policies are what is needed and no more.

    The template is the one that people write, before SAM.
    """
    template = transformed(template)
    deployed = _Reading(template, record.stack)
    # A condition may add permissions that the stack of the run did not have: they have to be explained, too.
    everything = [deployed, *(_Reading(template, record.stack, all_conditions=value) for value in (True, False))]
    allowed = list({grant.shown + grant.role + grant.action: grant for reading in everything for grant in reading.grants if grant.allow}.values())
    return [
        *dict.fromkeys(complaint for reading in everything for complaint in reading.complaints),
        *_too_wide(allowed, {Stack().arn(logical, one["Type"]) for logical, one in template["Resources"].items() if one["Type"] in _SERVICE_ARNS}, lines),
        *_not_allowed(record.calls, deployed.grants, lines),
        *_not_used(record.calls, allowed, lines),
        *_stale(record.calls, allowed, lines),
    ]


def _too_wide(grants: list[Grant], arns: set[str], lines: list[Reviewed]) -> Iterator[str]:
    for grant in grants:
        if re.search(r"[*?]", grant.action):
            yield f"{grant}: name the actions, without a wildcard."
        elif grant.shown == "*":
            if not any(line.kind == "any-resource" and line.of(grant.role, grant.action, grant.shown) for line in lines):
                yield f"{grant}: name the resource; if AWS has none for this action, say so in permissions.txt (any-resource)."
        elif grant.shown not in arns and not _within(grant.shown, arns):
            yield f"{grant}: a wildcard may stand only below a resource of the template, and in a bucket only below a folder."


def _within(pattern: str, arns: set[str]) -> bool:
    head = re.split(r"[*?]", pattern)[0]
    if head == pattern:
        return True
    if ":s3:::" in pattern:
        return any(re.match(re.escape(arn) + r"/[^/]+/", head) for arn in arns)
    return any(head.startswith((f"{arn.removesuffix(':*')}/", f"{arn.removesuffix(':*')}:")) for arn in arns)


def _not_allowed(calls: Iterable[Call], grants: list[Grant], lines: list[Reviewed]) -> Iterator[str]:
    for call in calls:
        if not call.allowed:
            if not any(line.kind == "denied" and line.of(call.role, call.action, call.resource) for line in lines):
                yield f"{call} was denied: allow it in template.yaml, or say in permissions.txt why it has to be (denied)."
        elif any(not grant.allow and grant.covers(call) for grant in grants):
            yield f"{call} is called, and template.yaml denies it."
        elif not any(grant.allow and grant.covers(call) for grant in grants):
            yield f"{call} is called, and no policy of the role in template.yaml allows it."


def _not_used(calls: list[Call], grants: list[Grant], lines: list[Reviewed]) -> Iterator[str]:
    used = _used(calls, grants)
    for grant in grants:
        if grant not in used and not any(line.kind in ("unseen", "sometimes") and line.of(grant.role, grant.action, grant.shown) for line in lines):
            yield f"{grant}: no test has seen it used. Take it away, or explain it in permissions.txt (unseen, sometimes)."


def _stale(calls: list[Call], grants: list[Grant], lines: list[Reviewed]) -> Iterator[str]:
    used = _used(calls, grants)
    for line in lines:
        if line.kind == "denied":
            if not any(not call.allowed and line.of(call.role, call.action, call.resource) for call in calls):
                yield f"permissions.txt expects a refusal that was not seen: {line}"
            continue
        about = [grant for grant in grants if line.of(grant.role, grant.action, grant.shown)]
        if not about:
            yield f"permissions.txt explains what template.yaml does not allow: {line}"
        for grant in about:
            if line.kind == "unseen" and grant in used:
                yield f"permissions.txt says that it is never seen, and it was: {grant}"


def _used(calls: list[Call], grants: list[Grant]) -> set[Grant]:
    return {grant for grant in grants if any(call.allowed and grant.covers(call) for call in calls)}


class _Reading:
    """The roles' policies of a transformed template, with their references resolved."""

    def __init__(self, template: dict, stack: Stack, all_conditions: bool | None = None) -> None:
        self._template = template
        self._stack = stack
        self._symbols = Stack(parameters=stack.parameters)
        self._all_conditions = all_conditions
        self._resources = {logical: resource for logical, resource in template["Resources"].items() if self._condition(resource.get("Condition"))}
        self.complaints: list[str] = []
        self.grants = [grant for logical, resource in self._resources.items() for grant in self._of(logical, resource)]

    def _of(self, logical: str, resource: dict) -> Iterator[Grant]:
        properties = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::IAM::Role":
                self._look_at_role(logical, properties)
                for policy in _list(self._plain(properties.get("Policies", []))):
                    yield from self._statements([logical], policy["PolicyDocument"], f"{logical}, {self._text(policy['PolicyName'])}")
            case "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy":
                # The Ref of a role is its name; here it is wanted by its name in the template.
                roles = [role["Ref"] for role in _list(self._plain(properties.get("Roles", [])))]
                yield from self._statements(roles, properties["PolicyDocument"], logical)

    def _look_at_role(self, logical: str, properties: dict) -> None:
        managed = _list(self._plain(properties.get("ManagedPolicyArns", [])))
        if managed:
            self.complaints.append(f"{logical} has a policy of AWS's own ({', '.join(map(self._text, managed))}): write down what it needs of it.")
        for statement in _list(properties["AssumeRolePolicyDocument"]["Statement"]):
            principal = statement["Principal"]
            trusted = [self._text(one) for kind in principal.values() for one in _list(kind)] if isinstance(principal, dict) else [principal]
            if any(one == "*" or one.endswith(":root") for one in trusted):
                self.complaints.append(f"{logical} may be assumed by {', '.join(trusted)}: name who needs it.")

    def _statements(self, roles: list[str], document: dict, source: str) -> Iterator[Grant]:
        for statement in _list(self._plain(document["Statement"])):
            name = f"{source}, {statement['Sid']}" if "Sid" in statement else source
            if "Action" not in statement or "Resource" not in statement:
                self.complaints.append(f"{name}: say what is allowed, with Action and Resource.")
                continue
            actions = [action for action in _list(self._plain(statement["Action"]))]
            resources = [(self._text(one), self._text(one, self._symbols)) for one in _list(self._plain(statement["Resource"]))]
            for role in roles:
                for action in actions:
                    for resource, shown in resources:
                        yield Grant(role, action, resource, shown, name, statement["Effect"] == "Allow")

    def _plain(self, value: Any) -> Any:
        """The value without Fn::If, and a list without what is then AWS::NoValue."""
        if isinstance(value, dict) and set(value) == {"Fn::If"}:
            condition, yes, no = value["Fn::If"]
            return self._plain(yes if self._condition(condition) else no)
        if value == {"Ref": "AWS::NoValue"}:
            return _NO_VALUE
        if isinstance(value, list):
            return [plain for plain in map(self._plain, value) if plain is not _NO_VALUE]
        return value

    def _condition(self, condition: str | dict | None) -> bool:
        match condition:
            case None:
                return True
            case str():
                return self._condition(self._template["Conditions"][condition]) if self._all_conditions is None else self._all_conditions
            case {"Condition": name}:
                return self._condition(name)
            case {"Fn::Not": [one]}:
                return not self._condition(one)
            case {"Fn::And": several}:
                return all(map(self._condition, several))
            case {"Fn::Or": several}:
                return any(map(self._condition, several))
            case {"Fn::Equals": [left, right]}:
                return self._text(left) == self._text(right)
        raise Failure(f"local/stack/permissions.py cannot read the condition {json.dumps(condition)}.")

    def _text(self, value: Any, stack: Stack | None = None) -> str:
        """A value with its references resolved."""
        stack = stack or self._stack
        match self._plain(value):
            case str(text):
                return text
            case bool(flag):
                return str(flag).lower()
            case int(number) | float(number):
                return str(number)
            case {"Ref": name}:
                return self._reference(name, stack)
            case {"Fn::GetAtt": [logical, "Arn" | "Id"]} | {"Fn::GetAtt": [logical, "TopicArn"]}:
                return stack.arn(logical, self._kind(logical))
            case {"Fn::GetAtt": str(path)}:
                return self._text({"Fn::GetAtt": path.split(".", 1)}, stack)
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{([^!}][^}]*)}", lambda found: self._reference(found[1], stack), text)
            case {"Fn::Join": [separator, parts]}:
                parts = self._plain(parts)
                return separator.join(self._text(part, stack) for part in parts) if isinstance(parts, list) else self._text(parts, stack)
        raise Failure(f"local/stack/permissions.py cannot resolve {json.dumps(value)}, which stands in a policy or a condition.")

    def _reference(self, name: str, stack: Stack) -> str:
        pseudo = {"AWS::Partition": "aws", "AWS::Region": stack.region, "AWS::AccountId": stack.account, "AWS::StackName": stack.name}
        if name in pseudo:
            return pseudo[name]
        if name in self._template.get("Parameters", {}):
            given = stack.parameters.get(name, self._template["Parameters"][name].get("Default", name))
            return str(given)
        if "." in name:
            return self._text({"Fn::GetAtt": name.split(".", 1)}, stack)
        kind = self._kind(name)
        return stack.arn(name, kind) if kind in _REF_IS_THE_ARN else stack.physical(name)

    def _kind(self, logical: str) -> str:
        if logical not in self._template["Resources"]:
            raise Failure(f"template.yaml refers to {logical}, which it does not have.")
        return self._template["Resources"][logical]["Type"]


def _list(value: Any) -> list:
    return value if isinstance(value, list) else [value]


@functools.cache
def _pattern(pattern: str) -> re.Pattern:
    return re.compile("".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern), re.DOTALL)


def _matches(pattern: str, text: str) -> bool:
    """IAM's wildcards: any characters, and any one."""
    return _pattern(pattern).fullmatch(text) is not None
