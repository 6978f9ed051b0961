"""`sam deploy` of the very template to the local AWS, and what that does not take from a template."""

import hashlib
import json
import os
import shlex
import subprocess

import boto3
from botocore.exceptions import ClientError
from samcli.yamlhelper import yaml_parse

from stack import callers, emulator, tools
from stack.build import ARTIFACTS, PREPARED, archive
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
    if stamp.exists() and stamp.read_text() == wanted:
        step("This is deployed already")
    else:
        step(f"sam deploy of the stack {options.stack} to {options.endpoint}")
        watch = Stopwatch()
        stamp.unlink(missing_ok=True)
        _upload_code(options, sources)
        _sam_deploy(options, parameters)
        _mend(options, {**_defaults(), **parameters})
        stamp.write_text(wanted)
        say(f"    {watch.seconds:.0f} s")
    found = outputs(options)
    client(options, "secretsmanager").put_secret_value(SecretId=found["CometApiSecretArn"], SecretString=provider_key)
    return found


def outputs(options: Options) -> dict[str, str]:
    stack = client(options, "cloudformation").describe_stacks(StackName=options.stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _sam_deploy(options: Options, parameters: dict[str, str]) -> None:
    # The key is no parameter here: a command line can be read by everybody on the machine.
    overrides = [f"{name}={shlex.quote(value)}" for name, value in {**_defaults(), **parameters, "CometApiKey": "set-after-deploying"}.items()]
    command = [tools.tool("sam"), "deploy", "--template-file", "template.yaml", "--stack-name", options.stack, "--s3-bucket", ARTIFACTS,
               "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar", "--region", REGION,
               "--parameter-overrides", *overrides]
    environment = {**os.environ, **emulator.environment(options), "SAM_CLI_TELEMETRY": "0"}
    environment.pop("COMETAPI_API_KEY", None)
    done = subprocess.run(command, cwd=PREPARED, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        say(done.stdout)
        emulator.daemon(options).require()
        raise Failure(f"sam deploy failed: its output is above, the log of the local AWS is {emulator.daemon(options).log}.")


def _upload_code(options: Options, sources: str) -> None:
    s3 = client(options, "s3")
    try:
        s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise
    s3.upload_file(str(archive(sources)), ARTIFACTS, archive(sources).name)


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
    """The API's address on this machine: its output is one at a host name that not every machine resolves."""
    return f"{options.endpoint}/_aws/execute-api/{api_id(options)}/$default"


def api_id(options: Options) -> str:
    resource = client(options, "cloudformation").describe_stack_resource(StackName=options.stack, LogicalResourceId="HttpApi")
    return resource["StackResourceDetail"]["PhysicalResourceId"]


def _defaults() -> dict[str, str]:
    """Given explicitly, because `sam deploy` keeps the value of the last deployment for a parameter that is not given."""
    return {name: str(about["Default"]) for name, about in template()["Parameters"].items() if "Default" in about}


def template() -> dict:
    return yaml_parse((ROOT / "template.yaml").read_text())


def environment_of(options: Options, found: dict[str, str], provider_url: str) -> dict[str, str]:
    """The names of the stack's parts, as variables, and the tokens of its API."""
    return {
        "STACK_NAME": options.stack,
        "BUCKET": found["BucketName"],
        "TABLE": found["TableName"],
        "STATE_MACHINE_ARN": found["StateMachineArn"],
        "SECRET_ARN": found["CometApiSecretArn"],
        "API_URL": api_url(options),
        **callers.of_a_stack(options.state, emulator.daemon(options).about, callers.Book(client(options, "dynamodb"), found["TableName"], api_url(options), options.how)),
        **{f"{name.upper()}_FUNCTION": found[f"{name}FunctionName"] for name in ("Api", "Ingest", "Submit", "Poll", "Persist", "Reconcile")},
        # There only where the stack tells people, or has webhooks.
        **{name: found[output] for name, output in _OPTIONAL.items() if output in found},
        "PROVIDER_URL": provider_url,
        **emulator.environment(options),
    }


def write_environment(options: Options, found: dict[str, str], provider_url: str) -> None:
    file = options.state / "stack.env"
    values = environment_of(options, found, provider_url)
    lines = [f"# For any other tool: . {file.relative_to(ROOT)}", *(f"{name}={shlex.quote(value)}" for name, value in values.items()), "export " + " ".join(values)]
    callers.write_privately(file, "\n".join(lines) + "\n")
