"""The api function, warm: create, get and list on the real Runtime Interface Client, beside a function that does nothing.

The table is the template's, on the local AWS; executions go to a state machine that ends at once, so that nothing is rendered. What is claimed
are counts of calls and ratios within this run; the milliseconds are this machine's and the local AWS's.
"""

import dataclasses
import hashlib
import json
import random
import statistics
import tempfile
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

from stack import build, deploy, emulator, options, tools
from stack.console import Failure, step

from bench.counting import Counting
from bench.lambda_runtime import CLIENT, Function, compile_nothing, java
from bench.report import Report

BENCH = Path(__file__).resolve().parent
TOKEN = "understudy_" + "b" * 43
ROUNDS, WARM_UP = 400, 150
_TABLE = "bench"
# The most DynamoDB calls that each may make.
CALLS = {"create": 3, "create with a seed": 3, "create, replayed": 3, "get": 1, "list": 1, "list with a filter": 3}


@dataclasses.dataclass
class Row:
    """One thing that was measured: all its rounds."""

    milliseconds: list[float] = dataclasses.field(default_factory=list)
    own: list[float] = dataclasses.field(default_factory=list)
    """Without the time in which it waited for AWS."""
    calls: list[Counter[str]] = dataclasses.field(default_factory=list)

    @property
    def dynamodb(self) -> int:
        return max(sum(n for name, n in calls.items() if name.startswith("DynamoDB")) for calls in self.calls)

    @property
    def usual(self) -> Counter[str]:
        """The calls of most rounds."""
        most, _ = Counter(tuple(sorted(calls.items())) for calls in self.calls).most_common(1)[0]
        return Counter(dict(most))


def run(report: Report) -> str:
    """Measures, and answers with the table for docs/performance.md. What is claimed are the calls of most rounds: once a minute a token is looked up again."""
    wanted = options.read("bench", 4790)
    build.build()
    emulator.start(wanted)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            rows = _measure(wanted, Path(scratch))
    finally:
        emulator.stop(wanted)
    for name, most in CALLS.items():
        report.at_most(f"{name}: DynamoDB calls", sum(n for call, n in rows[name].usual.items() if call.startswith("DynamoDB")), most)
    return _section(rows)


def _measure(wanted: options.Options, scratch: Path) -> dict[str, Row]:
    step("Measuring the warm api function")
    code = build.BUILT / "ApiFunction"
    jars, native = tools.runtime_client()
    compile_nothing(jars, scratch)
    rows = {name: Row() for name in ("nothing", *CALLS)}
    with Counting(wanted.endpoint) as aws:
        environment = {
            **emulator.environment(wanted),
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_LAMBDA_FUNCTION_NAME": "bench",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "AWS_LAMBDA_LOG_GROUP_NAME": "bench",
            "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
            "STACK_NAME": "bench",
            "TABLE": _TABLE,
            "BUCKET": "bench",
            "STATE_MACHINE_ARN": _state_machine(wanted),
            "MAX_IN_FLIGHT": "1000000",
            "MONTHLY_CAP_USD": "1000000",
        }
        _table(wanted)
        api = [*java(native), "-cp", f"{code}:{code}/lib/*:{jars}/*", CLIENT, "dev.understudy.api.ApiHandler"]
        does_nothing = [*java(native), "-cp", f"{scratch}:{jars}/*", CLIENT, "NoOp"]
        with Function(api, environment, scratch / "api.log") as function, Function(does_nothing, environment, scratch / "noop.log") as nothing:
            chance = random.Random(1)
            for index in range(WARM_UP + ROUNDS):
                for name, milliseconds, own, calls in _round(function, nothing, aws, chance):
                    if index >= WARM_UP:
                        rows[name].milliseconds.append(milliseconds)
                        rows[name].own.append(own)
                        rows[name].calls.append(calls)
    return rows


def _round(function: Function, nothing: Function, aws: Counting, chance: random.Random):
    """Everything once, in an order of its own."""

    def called(name: str, method: str, path: str, body: dict | None = None, **query: str):
        aws.taken()
        answer, milliseconds = function.invoke(_event(method, path, body, query))
        calls, waited = aws.taken()
        if answer["statusCode"] != 200:
            raise Failure(f"{name} was answered with {answer['statusCode']}: {answer.get('body')}")
        return json.loads(answer["body"]), (name, milliseconds, milliseconds - waited, calls)

    seed = chance.randrange(2**32)
    created, row = called("create", "POST", "/v1/character_performance", _order(tags=[f"take {seed}"]))
    yield row
    yield called("create with a seed", "POST", "/v1/character_performance", _order(seed=seed))[1]
    later = [
        lambda: called("create, replayed", "POST", "/v1/character_performance", _order(seed=seed))[1],
        lambda: called("get", "GET", f"/v1/tasks/{created['id']}")[1],
        lambda: called("list", "GET", "/v1/tasks")[1],
        lambda: called("list with a filter", "GET", "/v1/tasks", status="RUNNING")[1],
        lambda: ("nothing", (milliseconds := nothing.invoke({})[1]), milliseconds, Counter()),
    ]
    chance.shuffle(later)
    for each in later:
        yield each()


def _order(**more: object) -> dict:
    inputs = {"character": {"type": "image", "uri": "https://example.com/c.png"}, "reference": {"type": "video", "uri": "https://example.com/r.mp4"}}
    return {"model": "act_two", **inputs, "ratio": "1280:720", **more}


def _event(method: str, path: str, body: dict | None, query: dict[str, str]) -> dict:
    headers = {"authorization": f"Bearer {TOKEN}", "accept": "application/json", "x-stainless-retry-count": "0"}
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "&".join(f"{name}={value}" for name, value in query.items()),
        "headers": headers,
        "requestContext": {"stage": "$default", "requestId": "bench", "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"}},
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = query
    if body is not None:
        headers["content-type"] = "application/json"
        event["body"] = json.dumps(body)
    return event


def _table(wanted: options.Options) -> None:
    about = deploy.template()["Resources"]["Table"]["Properties"]
    dynamodb = deploy.client(wanted, "dynamodb")
    dynamodb.create_table(TableName=_TABLE, **{name: about[name] for name in ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")})
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    token = {"pk": "TOKEN", "sk": hashlib.sha256(TOKEN.encode()).hexdigest(), "tenant": "bench", "createdAt": now}
    dynamodb.put_item(TableName=_TABLE, Item={**{name: {"S": value} for name, value in token.items()}, "admin": {"BOOL": False}})


def _state_machine(wanted: options.Options) -> str:
    definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Pass", "End": True}}})
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
    role = deploy.client(wanted, "iam").create_role(RoleName="bench", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    return deploy.client(wanted, "stepfunctions").create_state_machine(name="bench", definition=definition, roleArn=role)["stateMachineArn"]


def _section(rows: dict[str, Row]) -> str:
    floor = statistics.median(rows["nothing"].milliseconds)
    lines = [
        f"{ROUNDS} rounds after {WARM_UP} to warm up, interleaved, one JVM (C1 only, as on Lambda), the table of the template on the local AWS.",
        "",
        "| | DynamoDB calls, at most (allowed) | all calls of most rounds | p50 ms | p99 ms | p99 ÷ p50 | own time p50 ms | own time ÷ a function that does nothing |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in rows.items():
        p50, p99, own = statistics.median(row.milliseconds), _percentile(row.milliseconds, 99), statistics.median(row.own)
        allowed = f"{row.dynamodb} ({CALLS[name]})" if name in CALLS else "0"
        calls = ", ".join(f"{call} × {number}" if number > 1 else call for call, number in sorted(row.usual.items())) or "none"
        lines.append(f"| {name} | {allowed} | {calls} | {p50:.1f} | {p99:.1f} | {p99 / p50:.1f} | {own:.1f} | {own / floor:.1f} |")
    return "\n".join(lines)


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]
