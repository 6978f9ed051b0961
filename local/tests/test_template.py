"""What template.yaml must keep to: one function a rule, each of which yields what is wrong, in sentences, for the template it is given.

The rules look at the template as SAM transforms it, so that they hold for what is deployed and not for what is written. To see a rule catch
something, break a copy of the template and give it that: `list(rule(Template(broken)))`.
"""

import copy
import functools
import json
import logging
import re
import unittest
from collections import Counter
from collections.abc import Callable, Iterator

import boto3
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from stack.deploy import template as written
from stack.options import REGION

KEPT = ("Retain", "RetainExceptOnCreate")
LONGEST_DESCRIPTION = 256
"""Of a version, by the schema of AWS::Lambda::Version."""

_REQUIRED = {"CometApiKey": "a-key"}

# It complains of metrics of its own that nobody publishes here.
logging.getLogger("samtranslator.metrics.metrics").setLevel(logging.ERROR)


class Template:
    """A template as it is written, and as SAM transforms it."""

    def __init__(self, source: dict | str) -> None:
        self.source: dict = yaml_parse(source) if isinstance(source, str) else source

    @functools.cached_property
    def transformed(self) -> dict:
        return self.transform()

    def transform(self, code: str = "code.zip", **parameters: str) -> dict:
        """As a deployment with these parameters transforms it; `code` is the key under which the functions were uploaded."""
        source = copy.deepcopy(self.source)
        source["Globals"]["Function"]["CodeUri"] = f"s3://bucket/{code}"
        for resource in source["Resources"].values():
            if resource["Type"] == "AWS::Serverless::StateMachine":
                resource["Properties"]["DefinitionUri"] = "s3://bucket/definition"
        return Translator({}, Parser(), None, boto3.Session(region_name=REGION)).translate(source, {**_REQUIRED, **parameters})

    def resources(self, *types: str) -> dict[str, dict]:
        """What is deployed of these types, by name."""
        return {name: resource for name, resource in self.transformed["Resources"].items() if resource["Type"] in types}

    def properties(self, *types: str) -> dict[str, dict]:
        return {name: resource["Properties"] for name, resource in self.resources(*types).items()}

    def aliases(self) -> dict[str, str]:
        """The functions' names by their aliases'."""
        return {name: alias["FunctionName"]["Ref"] for name, alias in self.properties("AWS::Lambda::Alias").items()}


def references(value) -> Iterator[str]:
    """The names of everything that a value refers to: parameters and resources, an attribute's as its resource's."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                yield inner
            elif key == "Fn::GetAtt":
                yield inner[0] if isinstance(inner, list) else inner.partition(".")[0]
            elif key == "Fn::Sub":
                text, others = (inner, {}) if isinstance(inner, str) else inner
                # a function's alias, as `sam local start-api` can read it
                text = re.sub(r"\$\{(\w+)\.Arn}:live\b", r"${\1Aliaslive}", text)
                yield from (name.partition(".")[0] for name in re.findall(r"\$\{([^!}]+)}", text) if name not in others)
                yield from references(others)
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def conditional(value) -> Iterator:
    """A value, or both of an Fn::If."""
    if isinstance(value, dict) and "Fn::If" in value:
        for inner in value["Fn::If"][1:]:
            yield from conditional(inner)
    elif value != {"Ref": "AWS::NoValue"}:
        yield value


def listed(value) -> list:
    return [inner for each in (value if isinstance(value, list) else [value]) for inner in conditional(each)]


def policies(template: Template) -> Iterator[tuple[str, dict]]:
    """Every statement of every policy that lets a role do something, with the name of the resource it stands in."""
    for name, role in template.properties("AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            yield from ((name, statement) for statement in policy["PolicyDocument"]["Statement"])
    for name, policy in template.properties("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy").items():
        yield from ((name, statement) for statement in policy["PolicyDocument"]["Statement"])


# Parameters and outputs


def parameters_are_described_and_constrained(template: Template) -> Iterator[str]:
    for name, about in template.source["Parameters"].items():
        if not about.get("Description", "").endswith("."):
            yield f"{name} has no description in sentences"
        constraints = {"MinValue", "MaxValue"} if about["Type"] == "Number" else {"MinLength"} if about.get("NoEcho") else {"AllowedPattern"}
        if "AllowedValues" not in about and "AllowedPattern" not in about and not constraints <= about.keys():
            yield f"{name} takes any {about['Type']}"
        if "Default" not in about and name not in _REQUIRED:
            yield f"{name} has no default: it has to be answered by everybody"


def defaults_are_allowed(template: Template) -> Iterator[str]:
    for name, about in template.source["Parameters"].items():
        default = about.get("Default")
        if default is None:
            continue
        if "AllowedValues" in about and default not in about["AllowedValues"]:
            yield f"{name} does not allow its own default"
        if "AllowedPattern" in about and not re.fullmatch(about["AllowedPattern"], str(default)):
            yield f"{name} does not match its own pattern by default"
        if not about.get("MinValue", default) <= default <= about.get("MaxValue", default):
            yield f"{name} is out of its own bounds by default"


def parameters_are_grouped_in_the_order_in_which_they_are_asked(template: Template) -> Iterator[str]:
    grouped = [name for group in template.source["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"] for name in group["Parameters"]]
    if grouped != list(template.source["Parameters"]):
        yield f"the groups name {grouped}, the parameters are {list(template.source['Parameters'])}"


def outputs_are_described(template: Template) -> Iterator[str]:
    yield from (f"{name} has no description" for name, output in template.source["Outputs"].items() if not output.get("Description"))


def secrets_are_nowhere_but_in_secrets(template: Template) -> Iterator[str]:
    secret = {name for name, about in template.source["Parameters"].items() if about.get("NoEcho")}
    for name, resource in template.transformed["Resources"].items():
        properties = dict(resource.get("Properties", {}))
        if resource["Type"] == "AWS::SecretsManager::Secret" and properties.get("SecretString", {}).get("Ref") not in secret:
            yield f"{name} holds something else than a parameter that is not shown"
        if resource["Type"] == "AWS::SecretsManager::Secret":
            properties.pop("SecretString")
        for reference in secret.intersection(references(properties)):
            yield f"{name} is given {reference}"
    for name in secret.intersection(references(template.transformed["Outputs"])):
        yield f"an output shows {name}"


# The functions


def functions_have_a_log_and_a_role_of_their_own(template: Template) -> Iterator[str]:
    functions = template.properties("AWS::Lambda::Function")
    logs = template.properties("AWS::Logs::LogGroup")
    for name, function in functions.items():
        if function.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref") not in logs:
            yield f"{name} logs to no group of the template"
    for what, used in (
        ("log group", Counter(function.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref") for function in functions.values())),
        ("role", Counter(json.dumps(function["Role"]) for function in functions.values())),
    ):
        yield from (f"the {what} {name} is used by {number} functions" for name, number in used.items() if number > 1)


def logs_are_kept_as_long_as_the_parameter_says(template: Template) -> Iterator[str]:
    for name, log in template.properties("AWS::Logs::LogGroup").items():
        if log.get("RetentionInDays") != {"Ref": "LogRetentionDays"}:
            yield f"{name} is not kept for LogRetentionDays"


def everything_calls_an_alias(template: Template) -> Iterator[str]:
    """SnapStart works for published versions only; and what ran while a deployment went on is not to find half of it."""
    functions = template.properties("AWS::Lambda::Function")
    aliased = set(template.aliases().values())
    yield from (f"{name} has no alias" for name in functions if name not in aliased)
    may_name_a_function = ("AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig")
    for name, resource in template.transformed["Resources"].items():
        if resource["Type"] not in may_name_a_function:
            yield from (f"{name} calls {called} itself" for called in functions.keys() & set(references(resource.get("Properties"))))
    for name, config in template.properties("AWS::Lambda::EventInvokeConfig").items():
        if config["Qualifier"] == "$LATEST":
            yield f"{name} is not about the alias"


def versions_follow_from_every_parameter_that_reaches_a_function(template: Template) -> Iterator[str]:
    """SAM publishes a version when the function's text differs, and a parameter's value is not in it; and Lambda refuses to publish what is the same."""
    parameters = template.source["Parameters"].keys()
    settings = template.properties("AWS::SSM::Parameter")
    for version in template.properties("AWS::Lambda::Version").values():
        name = version["FunctionName"]["Ref"]
        function = {key: value for key, value in template.properties("AWS::Lambda::Function")[name].items() if key != "ReservedConcurrentExecutions"}
        described = set(references(version.get("Description", {})))
        shared = {inner for outer in described & settings.keys() for inner in references(settings[outer]["Value"])}
        given = parameters & set(references(function))
        told = parameters & (described | shared)
        # A function of the template that reads no settings: another value of one makes no difference to it.
        if not shared:
            given -= {inner for setting in settings.values() for inner in references(setting["Value"])} - {"SnapStart", "Architecture"}
        yield from (f"{name} is not published anew when {parameter} changes" for parameter in sorted(given - told))
        yield from (f"{name} would be published again, without a difference, when {parameter} changes" for parameter in sorted(told - given))


def functions_have_no_tags(template: Template) -> Iterator[str]:
    """They would look like a difference to SAM and are none to Lambda, which then refuses the version and with it the deployment."""
    for name, resource in template.source["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function" and "Tags" in {**template.source["Globals"]["Function"], **resource["Properties"]}:
            yield f"{name} has tags: give them to the stack"


def versions_stay_while_something_may_run_in_them(template: Template) -> Iterator[str]:
    for name, version in template.resources("AWS::Lambda::Version").items():
        if (version.get("DeletionPolicy"), version.get("UpdateReplacePolicy")) != ("Retain", "Retain"):
            yield f"{name} is deleted with the deployment that replaces it"


# Failures


def everything_asynchronous_has_a_failure_destination(template: Template) -> Iterator[str]:
    aliases = template.aliases()
    config = {(about["FunctionName"]["Ref"]): about for about in template.properties("AWS::Lambda::EventInvokeConfig").values()}
    for name, permission in template.properties("AWS::Lambda::Permission").items():
        function = aliases.get(permission["FunctionName"].get("Ref", ""), permission["FunctionName"].get("Ref"))
        if permission["Principal"] != "apigateway.amazonaws.com" and "OnFailure" not in config.get(function, {}).get("DestinationConfig", {}):
            yield f"{function}, which {name} lets {permission['Principal']} call, has no failure destination"
    for name, rule in template.properties("AWS::Events::Rule").items():
        yield from (f"{name} has a target without a dead-letter queue" for target in rule["Targets"] if "DeadLetterConfig" not in target)
    queues = template.properties("AWS::SQS::Queue")
    for name, mapping in template.properties("AWS::Lambda::EventSourceMapping").items():
        yield from (f"{queue}, from which {name} takes, has no dead-letter queue" for queue in references(mapping["EventSourceArn"]) if "RedrivePolicy" not in queues[queue])


def dead_letters_may_be_written(template: Template) -> Iterator[str]:
    allowed = set()
    for policy in template.properties("AWS::SQS::QueuePolicy").values():
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Principal"] == {"Service": "events.amazonaws.com"} and "sqs:SendMessage" in listed(statement["Action"]):
                sources = {name for source in listed(statement["Condition"]["ArnEquals"]["aws:SourceArn"]) for name in references(source)}
                allowed |= {(queue, rule) for queue in references(statement["Resource"]) for rule in sources}
    for name, rule in template.properties("AWS::Events::Rule").items():
        for target in rule["Targets"]:
            queues = [*references(target.get("DeadLetterConfig", {})), *(each for each in references(target["Arn"]) if each in template.properties("AWS::SQS::Queue"))]
            yield from (f"{name} may not write to {queue}" for queue in queues if (queue, name) not in allowed)


# What is kept


def a_users_work_stays(template: Template) -> Iterator[str]:
    for name, resource in template.resources("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::S3::BucketPolicy").items():
        if resource.get("DeletionPolicy") not in KEPT or resource.get("UpdateReplacePolicy") != "Retain":
            yield f"{name} is deleted with the stack"


def tables_can_be_restored(template: Template) -> Iterator[str]:
    for name, table in template.properties("AWS::DynamoDB::Table").items():
        if table.get("PointInTimeRecoverySpecification") != {"PointInTimeRecoveryEnabled": True}:
            yield f"{name} has no point-in-time recovery"
        if table.get("DeletionProtectionEnabled") is not True:
            yield f"{name} can be deleted by one command"
        if not table.get("TimeToLiveSpecification", {}).get("Enabled"):
            yield f"{name} forgets nothing"
        if table.get("BillingMode") != "PAY_PER_REQUEST":
            yield f"{name} is not on demand"


def a_protected_table_does_not_stop_a_failed_creation_from_being_undone(template: Template) -> Iterator[str]:
    for name, table in template.resources("AWS::DynamoDB::Table").items():
        if table["Properties"].get("DeletionProtectionEnabled") and table.get("DeletionPolicy") == "RetainExceptOnCreate":
            yield f"{name} would be deleted when the stack's creation fails, and cannot be"


def buckets_are_private(template: Template) -> Iterator[str]:
    for name, bucket in template.properties("AWS::S3::Bucket").items():
        blocked = bucket.get("PublicAccessBlockConfiguration", {})
        for switch in ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"):
            if blocked.get(switch) is not True:
                yield f"{name} lacks {switch}"
        if not bucket.get("BucketEncryption"):
            yield f"{name} is not encrypted"
        if bucket.get("OwnershipControls", {}).get("Rules") != [{"ObjectOwnership": "BucketOwnerEnforced"}]:
            yield f"{name} has access lists"
    for name, policy in template.properties("AWS::S3::BucketPolicy").items():
        yield from (f"{name} allows something" for statement in policy["PolicyDocument"]["Statement"] if statement["Effect"] == "Allow")


def buckets_refuse_what_is_not_tls(template: Template) -> Iterator[str]:
    refusing = set()
    for policy in template.properties("AWS::S3::BucketPolicy").values():
        for statement in policy["PolicyDocument"]["Statement"]:
            plain = statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
            whole = any("Fn::GetAtt" in resource for resource in listed(statement["Resource"])) and any("Fn::Sub" in resource for resource in listed(statement["Resource"]))
            if plain and whole and (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*"):
                refusing |= set(references(policy["Bucket"]))
    yield from (f"{name} answers without TLS" for name in template.properties("AWS::S3::Bucket") if name not in refusing)


def what_is_put_away_for_a_while_goes(template: Template) -> Iterator[str]:
    for name, bucket in template.properties("AWS::S3::Bucket").items():
        rules = [rule for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", []) if rule["Status"] == "Enabled"]
        expire = {rule["Prefix"] for rule in rules if "ExpirationInDays" in rule}
        yield from (f"{name} keeps {prefix} for ever" for prefix in ("inputs/", "uploads/") if prefix not in expire)
        if not any("AbortIncompleteMultipartUpload" in rule for rule in rules):
            yield f"{name} keeps unfinished uploads"
        if not any("NoncurrentVersionExpiration" in rule and "Prefix" not in rule for rule in rules):
            yield f"{name} keeps old versions for ever"


def a_key_of_ones_own_is_used_wherever_something_is_kept(template: Template) -> Iterator[str]:
    for kind, where in (
        ("AWS::DynamoDB::Table", "SSESpecification"),
        ("AWS::S3::Bucket", "BucketEncryption"),
        ("AWS::SecretsManager::Secret", "KmsKeyId"),
        ("AWS::SQS::Queue", "KmsMasterKeyId"),
    ):
        for name, properties in template.properties(kind).items():
            if "KmsKeyArn" not in references(properties.get(where, {})):
                yield f"{name} does not use KmsKeyArn"
    for resource in template.properties("AWS::SQS::Queue").values():
        if {"Fn::If": ["KeyIsGiven", {"Ref": "AWS::NoValue"}, True]} != resource.get("SqsManagedSseEnabled"):
            yield "a queue is not encrypted without KmsKeyArn"
    roles = {name for name in template.properties("AWS::IAM::Role") if name not in ("StateMachineRole",)}
    for policy in template.properties("AWS::IAM::Policy").values():
        if any("kms:Decrypt" in listed(statement["Action"]) for statement in policy["PolicyDocument"]["Statement"]):
            roles -= {name for role in listed(policy["Roles"]) for name in references(role)}
    yield from (f"{name} may not use KmsKeyArn" for name in sorted(roles))


# What may be done, and by what name


def policies_name_their_actions(template: Template) -> Iterator[str]:
    for name, statement in policies(template):
        if statement["Effect"] == "Allow":
            yield from (f"{name} allows {action}" for action in listed(statement["Action"]) if "*" in action)


def policies_name_their_resources(template: Template) -> Iterator[str]:
    """AWS knows no resource for the delivery of a state machine's logs."""
    for name, statement in policies(template):
        if statement["Effect"] == "Allow" and "*" in listed(statement["Resource"]):
            for action in listed(statement["Action"]):
                if not (name == "StateMachineRole" and re.fullmatch(r"logs:(\w+LogDelivery|ListLogDeliveries|DescribeLogGroups|DescribeResourcePolicies|PutResourcePolicy)", action)):
                    yield f"{name} allows {action} everywhere"


def executions_are_logged_without_what_they_carry(template: Template) -> Iterator[str]:
    for name, machine in template.properties("AWS::StepFunctions::StateMachine").items():
        logging = machine.get("LoggingConfiguration", {})
        if logging.get("IncludeExecutionData") is not False or logging.get("Level") != "ERROR":
            yield f"{name} logs more than errors, or what executions carry"


def names_are_the_stacks_or_generated(template: Template) -> Iterator[str]:
    """So that a second stack stands beside the first, and the next one beside what a deleted one left."""
    naming = re.compile(r"(Bucket|Table|Queue|Topic|Function|Role|LogGroup|StateMachine|Alarm|Dashboard)?Name")
    inside = {"AWS::IAM::Policy", "AWS::Lambda::Alias", "AWS::Lambda::Version", "AWS::ApiGatewayV2::Stage", "AWS::Lambda::Permission", "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::EventSourceMapping"}
    for name, resource in template.transformed["Resources"].items():
        if resource["Type"] not in inside:
            for key, value in resource.get("Properties", {}).items():
                if naming.fullmatch(key) and "AWS::StackName" not in references(value):
                    yield f"{name} has the same {key} in every stack"


RULES: tuple[Callable[[Template], Iterator[str]], ...] = (
    parameters_are_described_and_constrained,
    defaults_are_allowed,
    parameters_are_grouped_in_the_order_in_which_they_are_asked,
    outputs_are_described,
    secrets_are_nowhere_but_in_secrets,
    functions_have_a_log_and_a_role_of_their_own,
    logs_are_kept_as_long_as_the_parameter_says,
    everything_calls_an_alias,
    versions_follow_from_every_parameter_that_reaches_a_function,
    functions_have_no_tags,
    versions_stay_while_something_may_run_in_them,
    everything_asynchronous_has_a_failure_destination,
    dead_letters_may_be_written,
    a_users_work_stays,
    tables_can_be_restored,
    a_protected_table_does_not_stop_a_failed_creation_from_being_undone,
    buckets_are_private,
    buckets_refuse_what_is_not_tls,
    what_is_put_away_for_a_while_goes,
    a_key_of_ones_own_is_used_wherever_something_is_kept,
    policies_name_their_actions,
    policies_name_their_resources,
    executions_are_logged_without_what_they_carry,
    names_are_the_stacks_or_generated,
)


class Rules(unittest.TestCase):
    def test_the_template_keeps_to_every_rule(self):
        template = Template(written())
        for rule in RULES:
            with self.subTest(rule.__name__):
                self.assertEqual([], list(rule(template)))

    def test_every_rule_sees_what_it_is_for(self):
        for rule, words, broken in breakages():
            with self.subTest(rule.__name__, words=words):
                self.assertIn(words, "; ".join(rule(Template(broken))))

    def test_every_rule_is_broken_once(self):
        self.assertEqual([], [rule.__name__ for rule in RULES if rule not in {rule for rule, _words, _broken in breakages()}])


def breakages() -> Iterator[tuple[Callable[[Template], Iterator[str]], str, dict]]:
    """A rule, what it is to say, and a template in which just that is wrong."""

    def of(path: str, value=None) -> dict:
        """The template with the value at a path, whose steps are names and places, replaced or, with none, taken away."""
        broken = copy.deepcopy(whole)
        *steps, last = path.split("/")
        at = broken
        for step in steps:
            at = at[int(step) if isinstance(at, list) else step]
        key = int(last) if isinstance(at, list) else last
        if value is None:
            del at[key]
        else:
            at[key] = value
        return broken

    whole = written()
    resources = "Resources/{}/Properties/"
    table, bucket, poll = (resources.format(name) for name in ("Table", "Bucket", "PollFunction"))
    yield parameters_are_described_and_constrained, "ModelName takes any String", of("Parameters/ModelName/AllowedPattern")
    yield parameters_are_described_and_constrained, "PriceUsd takes any Number", of("Parameters/PriceUsd/MaxValue")
    yield parameters_are_described_and_constrained, "SnapStart has no default", of("Parameters/SnapStart/Default")
    yield defaults_are_allowed, "MaxInFlight is out of its own bounds", of("Parameters/MaxInFlight/Default", 0)
    yield defaults_are_allowed, "KmsKeyArn does not match", of("Parameters/KmsKeyArn/Default", "alias/mine")
    yield parameters_are_grouped_in_the_order_in_which_they_are_asked, "the groups name", of("Metadata/AWS::CloudFormation::Interface/ParameterGroups/0/Parameters/1")
    yield outputs_are_described, "ApiUrl", of("Outputs/ApiUrl/Description")
    yield secrets_are_nowhere_but_in_secrets, "SubmitFunction is given CometApiKey", of(resources.format("SubmitFunction") + "Environment/Variables/KEY", {"Ref": "CometApiKey"})
    yield secrets_are_nowhere_but_in_secrets, "CometApiSecret holds something else", of(resources.format("CometApiSecret") + "SecretString", {"Ref": "ModelName"})
    yield functions_have_a_log_and_a_role_of_their_own, "the log group SubmitLogs is used by 2", of(poll + "LoggingConfig/LogGroup", {"Ref": "SubmitLogs"})
    yield functions_have_a_log_and_a_role_of_their_own, "is used by 2 functions", of(poll + "Role", {"Fn::GetAtt": ["SubmitRole", "Arn"]})
    yield logs_are_kept_as_long_as_the_parameter_says, "PollLogs", of(resources.format("PollLogs") + "RetentionInDays")
    machine = resources.format("StateMachine")
    yield everything_calls_an_alias, "StateMachine calls PollFunction itself", of(machine + "DefinitionSubstitutions/PollFunctionArn", {"Fn::GetAtt": ["PollFunction", "Arn"]})
    yield everything_calls_an_alias, "Bucket calls IngestFunction itself", of(bucket + "NotificationConfiguration/LambdaConfigurations/0/Function", {"Fn::GetAtt": ["IngestFunction", "Arn"]})
    settings = whole["Resources"]["DeployedSettings"]["Properties"]["Value"]["Fn::Sub"]
    yield versions_follow_from_every_parameter_that_reaches_a_function, "PollFunction is not published anew when MaxInFlight changes", of(resources.format("DeployedSettings") + "Value/Fn::Sub", settings.replace("${MaxInFlight} ", ""))
    yield versions_follow_from_every_parameter_that_reaches_a_function, "without a difference, when LogRetentionDays changes", of(resources.format("DeployedSettings") + "Value/Fn::Sub", settings + " ${LogRetentionDays}")
    yield functions_have_no_tags, "PollFunction", of(poll + "Tags", {"team": "vfx"})
    yield versions_stay_while_something_may_run_in_them, "PollFunctionVersion", of("Resources/PollFunction/UpdateReplacePolicy")
    yield everything_asynchronous_has_a_failure_destination, "IngestFunction, which", of(resources.format("IngestFunction") + "EventInvokeConfig/DestinationConfig")
    yield everything_asynchronous_has_a_failure_destination, "ReconcileFunctionEveryMinute has a target without", of(resources.format("ReconcileFunction") + "Events/EveryMinute/Properties/DeadLetterConfig")
    yield everything_asynchronous_has_a_failure_destination, "WebhookEvents, from which", of(resources.format("WebhookEvents") + "RedrivePolicy")
    yield dead_letters_may_be_written, "ReconcileFunctionEveryMinute may not write to FailedEvents", of(resources.format("FailedEventsPolicy") + "PolicyDocument/Statement/0/Condition/ArnEquals/aws:SourceArn/0")
    yield a_users_work_stays, "Table is deleted", of("Resources/Table/DeletionPolicy")
    yield a_users_work_stays, "Bucket is deleted", of("Resources/Bucket/UpdateReplacePolicy", "Delete")
    yield a_users_work_stays, "BucketPolicy is deleted", of("Resources/BucketPolicy/DeletionPolicy")
    yield tables_can_be_restored, "no point-in-time recovery", of(table + "PointInTimeRecoverySpecification")
    yield tables_can_be_restored, "deleted by one command", of(table + "DeletionProtectionEnabled", False)
    yield tables_can_be_restored, "forgets nothing", of(table + "TimeToLiveSpecification")
    yield tables_can_be_restored, "not on demand", of(table + "BillingMode", "PROVISIONED")
    yield a_protected_table_does_not_stop_a_failed_creation_from_being_undone, "Table would be deleted", of("Resources/Table/DeletionPolicy", "RetainExceptOnCreate")
    yield buckets_are_private, "lacks BlockPublicPolicy", of(bucket + "PublicAccessBlockConfiguration/BlockPublicPolicy", False)
    yield buckets_are_private, "lacks RestrictPublicBuckets", of(bucket + "PublicAccessBlockConfiguration")
    yield buckets_are_private, "not encrypted", of(bucket + "BucketEncryption")
    yield buckets_are_private, "has access lists", of(bucket + "OwnershipControls")
    yield buckets_are_private, "allows something", of(resources.format("BucketPolicy") + "PolicyDocument/Statement/0/Effect", "Allow")
    yield buckets_refuse_what_is_not_tls, "Bucket answers without TLS", of(resources.format("BucketPolicy") + "PolicyDocument/Statement/0/Condition")
    yield buckets_refuse_what_is_not_tls, "Bucket answers without TLS", of(resources.format("BucketPolicy") + "PolicyDocument/Statement/0/Resource/1")
    yield what_is_put_away_for_a_while_goes, "keeps inputs/ for ever", of(bucket + "LifecycleConfiguration/Rules/1")
    yield what_is_put_away_for_a_while_goes, "keeps unfinished uploads", of(bucket + "LifecycleConfiguration/Rules/0")
    yield what_is_put_away_for_a_while_goes, "keeps old versions", of(bucket + "LifecycleConfiguration/Rules/3")
    yield a_key_of_ones_own_is_used_wherever_something_is_kept, "Table does not use", of(table + "SSESpecification")
    yield a_key_of_ones_own_is_used_wherever_something_is_kept, "SignerRole may not use", of("Resources/SignerKeyPolicy")
    yield policies_name_their_actions, "TaskPolicy allows dynamodb:*", of(resources.format("TaskPolicy") + "PolicyDocument/Statement/0/Action", "dynamodb:*")
    yield policies_name_their_resources, "ProviderKeyPolicy allows secretsmanager:GetSecretValue everywhere", of(resources.format("ProviderKeyPolicy") + "PolicyDocument/Statement/0/Resource", "*")
    yield executions_are_logged_without_what_they_carry, "StateMachine", of(machine + "Logging/IncludeExecutionData", True)
    yield names_are_the_stacks_or_generated, "Bucket has the same BucketName", of(bucket + "BucketName", "understudy")
    yield names_are_the_stacks_or_generated, "StateMachine has the same StateMachineName", of(machine + "Name", "understudy")


class Versions(unittest.TestCase):
    """What publishes a version, seen in what SAM makes of the template (docs/adr/016)."""

    def setUp(self):
        self.template = Template(written())

    def versions(self, code: str = "code.zip", template: Template | None = None, **parameters: str) -> set[str]:
        resources = (template or self.template).transform(code, **parameters)["Resources"]
        return {name for name, resource in resources.items() if resource["Type"] == "AWS::Lambda::Version"}

    def test_other_code_is_other_versions_of_all(self):
        self.assertEqual(set(), self.versions() & self.versions("another.zip"))

    def test_the_same_again_is_the_same_versions(self):
        self.assertEqual(self.versions(), self.versions())

    def test_another_text_of_one_function_is_another_version_of_it_alone(self):
        source = copy.deepcopy(self.template.source)
        source["Resources"]["PollFunction"]["Properties"]["Timeout"] = 61
        changed = self.versions() - self.versions(template=Template(source))
        self.assertEqual(["PollFunctionVersion"], [name[:-10] for name in changed])

    def test_another_value_of_a_parameter_is_no_other_version_to_sam(self):
        """If this fails, SAM has learned it, and DeployedSettings may go."""
        self.assertEqual(self.versions(), self.versions(MaxInFlight="6", SnapStart="PublishedVersions", Architecture="x86_64"))

    def test_reserved_concurrency_which_is_no_part_of_a_version_publishes_none(self):
        self.assertEqual(self.versions(), self.versions(ReservedConcurrency="5"))

    def test_descriptions_fit_whatever_is_answered(self):
        parameters = self.template.source["Parameters"]
        settings = {name: {"Fn::Sub": setting["Value"]["Fn::Sub"]} for name, setting in self.template.properties("AWS::SSM::Parameter").items()}
        for name, version in self.template.properties("AWS::Lambda::Version").items():
            description = version["Description"]
            text = settings[description["Fn::GetAtt"][0]]["Fn::Sub"] if "Fn::GetAtt" in description else description["Fn::Sub"]
            longest = re.sub(r"\$\{(\w+)}", lambda found: "x" * _longest(parameters[found[1]]), text)
            with self.subTest(name):
                self.assertLessEqual(len(longest), LONGEST_DESCRIPTION)


def _longest(parameter: dict) -> int:
    if "AllowedValues" in parameter:
        return max(len(str(value)) for value in parameter["AllowedValues"])
    if parameter["Type"] == "Number":
        return len(str(parameter["MaxValue"])) + (len(".00") if isinstance(parameter["Default"], float) else 0)
    return parameter["MaxLength"]



if __name__ == "__main__":
    unittest.main()
