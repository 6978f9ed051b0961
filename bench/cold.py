"""Cold starts: each function on the real Runtime Interface Client in a JVM of its own on one CPU, from exec to its first answer, beside a function that does nothing.

The first event of each is a real one: an order is taken in, submitted, polled and persisted, each step by a JVM that starts for it, against the
template's table on the local AWS and a provider that answers at once. Time in which a function waited for either is taken off: what is left is its own.
"""

import dataclasses
import json
import os
import statistics
import tempfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

from stack import build, deploy, emulator, options, tools
from stack.console import step

from bench import weight
from bench.counting import Counting
from bench.lambda_runtime import CLIENT, Function, compile_handler, compile_nothing, java
from bench.report import Report
from bench.server import Server

RUNS = 10
HANDLERS = {name: weight.HANDLERS[name] for name in ("ingest", "submit", "poll", "persist", "reconcile")}
BARE = "submit's calls by the SDK alone"
WITHIN = {"submit": 6.5, "submit, AOT cache": 4.2}
_SAMPLE = tools.ROOT / "local" / "sample"
_TABLE, _BUCKET = "cold", "cold"


@dataclasses.dataclass
class Row:
    milliseconds: list[float] = dataclasses.field(default_factory=list)
    own: list[float] = dataclasses.field(default_factory=list)
    cpu: list[float] = dataclasses.field(default_factory=list)
    classes: int = 0
    steps: list[dict[str, float]] = dataclasses.field(default_factory=list)


class Provider(Server):
    """Takes every POST, is done at once, and has a video."""

    def __init__(self) -> None:
        super().__init__()
        self.posts = 0
        self._video = (_SAMPLE / "reference.mp4").read_bytes()

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str, bytes]:
        if method == "POST":
            self.posts += 1
            return 200, "application/json", json.dumps({"id": f"cold-{self.posts}"}).encode()
        if "/tasks/" in target:
            return 200, "application/json", json.dumps({"id": "x", "status": "SUCCEEDED", "output": [f"{self.url}/video.mp4"]}).encode()
        return 200, "video/mp4", self._video


def run(report: Report) -> None:
    wanted = options.read("bench", 4790)
    build.build()
    emulator.start(wanted)
    try:
        with tempfile.TemporaryDirectory() as scratch, Provider() as provider, Counting(wanted.endpoint) as aws:
            rows = Bench(wanted, Path(scratch), provider, aws).run()
    finally:
        emulator.stop(wanted)
    _report(report, rows)


class Bench:
    def __init__(self, wanted: options.Options, scratch: Path, provider: Provider, aws: Counting) -> None:
        self._wanted, self._scratch, self._provider, self._aws = wanted, scratch, provider, aws
        self._code = build.BUILT / "SubmitFunction"
        self._jars, self._native = tools.runtime_client()
        self._cpu = max(os.sched_getaffinity(0))
        self._s3, self._dynamodb = deploy.client(wanted, "s3"), deploy.client(wanted, "dynamodb")
        self._orders = 0
        compile_nothing(self._jars, scratch)
        compile_handler("BareSubmit", f"{self._jars}/*:{self._code}/lib/*", scratch)
        self._packed()
        self._environment = {**emulator.environment(wanted), "AWS_ENDPOINT_URL": aws.url, **self._resources()}

    def run(self) -> dict[str, Row]:
        step("Measuring cold starts")
        rows = {name: Row() for name in ("nothing", *HANDLERS, BARE, "nothing, AOT cache", "submit, AOT cache")}
        for round in range(RUNS + 1):  # the first fills the machine's caches and trains
            first = round == 0
            for name, aot in (("", False), (", AOT cache", True)):
                self._nothing(rows[f"nothing{name}"], first, aot)
                self._life(rows, first, aot)
                if not aot:
                    steps = self._start(rows[BARE], "BareSubmit", {}, first, False)
                    rows[BARE].steps += [] if first else [steps]
        rows["nothing"].classes = self._classes("NoOp")
        for name in HANDLERS:
            rows[name].classes = weight.loaded_classes(name)
        return rows

    def _nothing(self, row: Row, first: bool, aot: bool) -> None:
        self._start(row, "NoOp", {}, first, aot)

    def _life(self, rows: dict[str, Row], first: bool, aot: bool) -> None:
        """One order through all functions, each started for it; with the AOT cache only submit is."""
        self._orders += 1
        folder = f"incoming/shot-{self._orders}"
        for name in ("character.png", "reference.mp4", "task.json"):
            self._s3.put_object(Bucket=_BUCKET, Key=f"{folder}/{name}", Body=(_SAMPLE / name).read_bytes())
        event = {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": _BUCKET}, "object": {"key": f"{folder}/task.json"}}}]}
        other = Row()
        self._start(other if aot else rows["ingest"], HANDLERS["ingest"], event, first, False)
        page = json.loads(self._s3.get_object(Bucket=_BUCKET, Key=f"outputs/shot-{self._orders}/status.json")["Body"].read())
        state = {"id": page["takes"][0]["taskId"], "generation": 1}
        self._start(rows["submit, AOT cache" if aot else "submit"], HANDLERS["submit"], state, first, aot)
        if aot:
            return
        turn = self._start(rows["poll"], HANDLERS["poll"], state, first, False)
        if turn["next"] != "PERSIST":
            raise RuntimeError(f"A poll of a finished task answered {turn}.")
        time.sleep(turn["seconds"])
        turn = self._start(rows["persist"], HANDLERS["persist"], state, first, False)
        if turn["next"] != "END":
            raise RuntimeError(f"Persist answered {turn}.")
        self._start(rows["reconcile"], HANDLERS["reconcile"], {"source": "aws.scheduler"}, first, False)

    def _start(self, row: Row, handler: str, event: dict, first: bool, aot: bool) -> dict:
        cache = self._scratch / f"{handler}.aot"
        more = [] if not aot else [f"-XX:AOTCacheOutput={cache}"] if first else [f"-XX:AOTCache={cache}"]
        self._aws.taken()
        with Function(self._command(handler, aot, *more), self._environment, self._scratch / "function.log", None if first else self._cpu) as function:
            answer, _ = function.invoke(event)
            milliseconds = (time.perf_counter() - function.started) * 1000
            cpu = function.cpu_milliseconds()
            if aot and first:
                function.end()
        _, waited = self._aws.taken()
        if not first:
            row.milliseconds.append(milliseconds)
            row.own.append(milliseconds - waited)
            row.cpu.append(cpu)
        return answer

    def _classes(self, handler: str) -> int:
        """The classes that are loaded once the handler is made."""
        log = self._scratch / "classes.log"
        with Function(self._command(handler, False, f"-Xlog:class+load:file={log}"), self._environment, self._scratch / "function.log") as function:
            function.wait_until_ready()
        return sum("source:" in line for line in log.read_text().splitlines())

    def _command(self, handler: str, aot: bool, *more: str) -> list[str]:
        code = f"{self._scratch}/code.jar" if aot else f"{self._scratch}:{self._code}"
        libraries = f"{self._code}/lib/*:{self._jars}/*" if handler != "NoOp" else f"{self._jars}/*"
        return [*java(self._native, *more), "-cp", f"{code}:{libraries}", CLIENT, handler]

    def _packed(self) -> None:
        """An AOT cache is made from jars alone."""
        with zipfile.ZipFile(self._scratch / "code.jar", "w") as packed:
            packed.write(self._scratch / "NoOp.class", "NoOp.class")
            for path in sorted(self._code.rglob("*")):
                if path.is_file() and "lib" not in path.relative_to(self._code).parts:
                    packed.write(path, path.relative_to(self._code))

    def _resources(self) -> dict[str, str]:
        about = deploy.template()["Resources"]["Table"]["Properties"]
        self._dynamodb.create_table(TableName=_TABLE, **{name: about[name] for name in ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")})
        self._s3.create_bucket(Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": options.REGION})
        secret = deploy.client(self._wanted, "secretsmanager").create_secret(Name="cold", SecretString="sk-bench")["ARN"]
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
        role = deploy.client(self._wanted, "iam").create_role(RoleName="cold", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Pass", "End": True}}})
        machine = deploy.client(self._wanted, "stepfunctions").create_state_machine(name="cold", definition=definition, roleArn=role)["stateMachineArn"]
        return {
            "AWS_LAMBDA_FUNCTION_NAME": "bench",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "AWS_LAMBDA_LOG_GROUP_NAME": "bench",
            "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
            "STACK_NAME": "bench",
            "TABLE": _TABLE,
            "BUCKET": _BUCKET,
            "SECRET_ARN": secret,
            "SIGNER_ROLE_ARN": role,
            "STATE_MACHINE_ARN": machine,
            "MAX_IN_FLIGHT": "1000",
            "MONTHLY_CAP_USD": "1000000",
            "POLL_FIRST_SECONDS": "0",
            "POLL_MIN_SECONDS": "1",
            "SUBMIT_TIMEOUT_SECONDS": "5",
            "COMET_API_BASE_URL": self._provider.url,
        }


def _report(report: Report, rows: dict[str, Row]) -> None:
    floor = {", AOT cache" in name: statistics.median(row.own) for name, row in rows.items() if name.startswith("nothing")}
    plain = statistics.median(rows["nothing"].own)
    cpu = statistics.median(rows["nothing"].cpu)
    report.table("Function", "to the first answer, ms", "own, ms (quartiles)", "÷ nothing", "CPU ms", "÷ nothing", "classes loaded once it is ready")
    for name, row in rows.items():
        low, middle, high = statistics.quantiles(row.own, n=4)
        own, computed = statistics.median(row.own), statistics.median(row.cpu)
        report.row(name, f"{statistics.median(row.milliseconds):.0f}", f"{own:.0f} ({low:.0f}–{high:.0f})", f"{own / plain:.1f}", f"{computed:.0f}", f"{computed / cpu:.1f}", str(row.classes or ""))
        if name in WITHIN:
            report.at_most(f"cold start of {name}, own time ÷ a function that does nothing", own / floor[", AOT cache" in name] if name == "submit" else own / plain, WITHIN[name])
    report.table("Of submit's calls by the SDK alone", "CPU ms", "share")
    steps = {name: statistics.median(found[name] for found in rows[BARE].steps) for name in rows[BARE].steps[0]}
    for name, took in steps.items():
        report.row(name, f"{took:.0f}", f"{100 * took / sum(steps.values()):.0f} %")
    report.row("**what submit adds**: reading and writing JSON, its own rules and lines", f"{statistics.median(rows['submit'].cpu) - sum(steps.values()):.0f}", "")
    sizes = weight.deployed()
    whole = sum(sizes.values())
    report.table("Deployed", "KB", "share")
    for name, size in sorted(sizes.items(), key=lambda each: -each[1]):
        report.row(name, f"{size / 1000:,.0f}", f"{100 * size / whole:.1f} %")
    report.at_most("deployed jars, MB", (whole - sizes[weight.OWN]) / 1e6, weight.MOST_BYTES / 1e6)
