"""`sam deploy` of the very template to the local AWS, and what that does not take from a template."""

import hashlib
import json
import os
import platform
import shlex
import subprocess
from pathlib import Path

import boto3
from botocore.exceptions import ClientError
from samcli.yamlhelper import yaml_parse

from stack import callers, emulator, tools
from stack.build import ARTIFACTS, BUILT, PREPARED, archive
from stack.console import Failure, Stopwatch, say, step
from stack.options import REGION, Options
from stack.tools import ROOT

_OPTIONAL = {
    "NOTIFICATIONS_TOPIC_ARN": "NotificationsTopicArn",
    "WEBHOOK_FUNCTION": "WebhookFunctionName",
    "WEBHOOK_SECRET_ARN": "WebhookSecretArn",
    "WEBHOOK_QUEUE_URL": "WebhookEventsQueueUrl",
}


def client(options: Options, service: str):
    return boto3.client(service, endpoint_url=options.endpoint, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


def deploy(options: Options, parameters: dict[str, str], provider_key: str, sources: str) -> dict[str, str]:
    """Deploys, unless just this is deployed already; the answer is the stack's outputs."""
    wanted = hashlib.sha256(json.dumps([sources, parameters, emulator.daemon(options).about]).encode()).hexdigest()
    stamp = options.state / "deployed"
    # What lies on somebody else's is known only to them.
    if options.endpoint_url is None and stamp.exists() and stamp.read_text() == wanted:
        step("This is deployed already")
    else:
        step(f"sam deploy of the stack {options.stack} to {options.endpoint}")
        watch = Stopwatch()
        stamp.unlink(missing_ok=True)
        if emulator.runs_functions_here(options):
            _upload_code(options, sources)
            _sam_deploy(options, PREPARED, parameters)
        else:
            # Its containers have the processor of this machine, which is not the template's default everywhere.
            _sam_deploy(options, BUILT, {"Architecture": {"aarch64": "arm64"}.get(platform.machine(), platform.machine()), **parameters})
        _mend(options, {**_defaults(), **parameters})
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(wanted)
        say(f"    {watch.seconds:.0f} s")
    found = outputs(options)
    client(options, "secretsmanager").put_secret_value(SecretId=found["CometApiSecretArn"], SecretString=provider_key)
    return found


def outputs(options: Options) -> dict[str, str]:
    stack = client(options, "cloudformation").describe_stacks(StackName=options.stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _sam_deploy(options: Options, folder: Path, parameters: dict[str, str]) -> None:
    _create_artifacts(options)
    # The key is no parameter here: a command line can be read by everybody on the machine.
    overrides = [f"{name}={shlex.quote(value)}" for name, value in {**_defaults(), **parameters, "CometApiKey": "set-after-deploying"}.items()]
    command = [tools.tool("sam"), "deploy", "--template-file", "template.yaml", "--stack-name", options.stack, "--s3-bucket", ARTIFACTS,
               "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar", "--region", REGION,
               "--parameter-overrides", *overrides]
    environment = {**os.environ, **emulator.environment(options), "SAM_CLI_TELEMETRY": "0"}
    environment.pop("COMETAPI_API_KEY", None)
    done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        say(done.stdout)
        emulator.require(options)
        raise Failure(f"sam deploy failed: its output is above, {emulator.where(options)}.")


def _upload_code(options: Options, sources: str) -> None:
    _create_artifacts(options)
    client(options, "s3").upload_file(str(archive(sources)), ARTIFACTS, archive(sources).name)


def _create_artifacts(options: Options) -> None:
    try:
        client(options, "s3").create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise


def _mend(options: Options, parameters: dict[str, str]) -> None:
    """What the local AWS does not take from the template, or takes so strictly that nothing would work (docs/limits.md)."""
    found = outputs(options)
    dynamodb = client(options, "dynamodb")
    if dynamodb.describe_time_to_live(TableName=found["TableName"])["TimeToLiveDescription"]["TimeToLiveStatus"] != "ENABLED":
        dynamodb.update_time_to_live(TableName=found["TableName"], TimeToLiveSpecification={"Enabled": True, "AttributeName": "expiresAt"})
    # It speaks plain http, and the policy refuses everybody who does.
    client(options, "s3").delete_bucket_policy(Bucket=found["BucketName"])
    origins = [origin.strip() for origin in parameters["CorsAllowOrigins"].split(",") if origin.strip()]
    if origins:
        client(options, "apigatewayv2").update_api(ApiId=api_id(options), CorsConfiguration=cors(origins))


def cors(origins: list[str]) -> dict:
    """What the template says about CORS, with its reference to the parameter resolved."""
    _condition, allowed, _otherwise = template()["Resources"]["HttpApi"]["Properties"]["CorsConfiguration"]["Fn::If"]
    return {**allowed, "AllowOrigins": origins}


def api_url(options: Options) -> str:
    """The API's address on this machine: MiniStack's output is one at a host name that not every machine resolves."""
    if not emulator.runs_functions_here(options):
        return outputs(options)["ApiUrl"]
    return f"{options.endpoint}/_aws/execute-api/{api_id(options)}/$default"


def api_id(options: Options) -> str:
    resource = client(options, "cloudformation").describe_stack_resource(StackName=options.stack, LogicalResourceId="HttpApi")
    return resource["StackResourceDetail"]["PhysicalResourceId"]


def _defaults() -> dict[str, str]:
    """Given explicitly, because `sam deploy` keeps the value of the last deployment for a parameter that is not given."""
    return {name: str(about["Default"]) for name, about in template()["Parameters"].items() if "Default" in about}


def template() -> dict:
    return yaml_parse((ROOT / "template.yaml").read_text())


def names(stack: str, found: dict[str, str]) -> dict[str, str]:
    """The names of a stack's parts, as variables."""
    return {
        "STACK_NAME": stack,
        "BUCKET": found["BucketName"],
        "TABLE": found["TableName"],
        "STATE_MACHINE_ARN": found["StateMachineArn"],
        "SECRET_ARN": found["CometApiSecretArn"],
        "API_URL": found["ApiUrl"],
        **{f"{name.upper()}_FUNCTION": found[f"{name}FunctionName"] for name in ("Api", "Ingest", "Submit", "Poll", "Persist", "Reconcile")},
        # There only where the stack tells people, or has webhooks.
        **{name: found[output] for name, output in _OPTIONAL.items() if output in found},
    }


def environment_of(options: Options, found: dict[str, str], provider_url: str) -> dict[str, str]:
    """What a tool needs to reach a stack here: the names of its parts, the tokens of its API, and the way to the local AWS."""
    url = api_url(options)
    tokens = callers.Book(client(options, "dynamodb"), found["TableName"], url, options.how)
    return {
        **names(options.stack, found),
        "API_URL": url,
        **callers.of_a_stack(options.state, _life(options, found), tokens),
        "PROVIDER_URL": provider_url,
        **({"FUNCTIONS_RUN_HERE": "true"} if emulator.runs_functions_here(options) else {}),
        **emulator.environment(options),
        # So that `make` in the same shell knows it for ours.
        **({"UNDERSTUDY_ENDPOINT_URL": options.endpoint} if options.endpoint_url is None else {}),
    }


def _life(options: Options, found: dict[str, str]) -> dict:
    """Tells one life of the stack's table from the next."""
    if options.endpoint_url is None:
        return emulator.daemon(options).about
    table = client(options, "dynamodb").describe_table(TableName=found["TableName"])["Table"]
    return {"table": table["TableArn"], "created": table["CreationDateTime"].isoformat()}


def write_environment(options: Options, found: dict[str, str], provider_url: str) -> None:
    file = options.state / "stack.env"
    values = environment_of(options, found, provider_url)
    lines = [f"# For any other tool: . {file.relative_to(ROOT)}", *(f"{name}={shlex.quote(value)}" for name, value in values.items()), "export " + " ".join(values)]
    callers.write_privately(file, "\n".join(lines) + "\n")
