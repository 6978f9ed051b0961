"""The stack that is meant, on this machine or (AWS=1) in the account that this shell is set up for."""

import dataclasses
import functools
import json
import os
from collections.abc import Callable

import boto3

from stack import deploy, options
from stack.console import Failure


@dataclasses.dataclass(frozen=True)
class Reach:
    name: str
    client: Callable
    """Makes a client of a service by its name."""
    region: str
    found: dict[str, str]
    """The stack's outputs."""
    api_url: str
    how: Callable[[str], str]
    """The command with which a person reaches this stack."""

    def output(self, name: str) -> str:
        if name not in self.found:
            raise Failure(f"The stack {self.name} has no output {name}: is it Understudy, and wholly deployed?")
        return self.found[name]

    @functools.cached_property
    def settings(self) -> dict[str, str]:
        """The settings as the functions have them, by the names of their variables."""
        return self.client("lambda").get_function_configuration(FunctionName=self.output("SubmitFunctionName"))["Environment"]["Variables"]

    def provider_key(self) -> str:
        """The provider's key, for questions of our own. It goes into no file and no line."""
        text = self.client("secretsmanager").get_secret_value(SecretId=self.output("CometApiSecretArn"))["SecretString"].strip()
        return json.loads(text)["apiKey"].strip() if text.startswith("{") else text


def read() -> Reach:
    if options.on_aws():
        return _on_aws(options.read_stack_on_aws())
    from stack import commands

    wanted = options.read()
    return Reach(wanted.stack, functools.partial(deploy.client, wanted), options.REGION, commands.running(wanted), deploy.api_url(wanted), wanted.how)


def _on_aws(name: str) -> Reach:
    # boto3 reads only AWS_DEFAULT_REGION of the two variables.
    session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
    if session.region_name is None:
        raise Failure("In which region is the stack? Set AWS_REGION, or a region in the AWS profile that this shell uses.")
    stack = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    found = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    if "TableName" not in found or "ApiUrl" not in found:
        raise Failure(f"The stack {name} on AWS has no outputs TableName and ApiUrl: is it Understudy, and wholly deployed?")
    return Reach(name, session.client, session.region_name, found, found["ApiUrl"], lambda target: f"make {target} AWS=1 STACK={name}")
