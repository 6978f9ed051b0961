"""The whole stack on the local AWS: from the order to the POST, and what a task takes there beside what the walker counts.

The provider is a program that takes every POST and is done once a task has been asked for often enough: how many polls a task gets is then
known. Beside the orders runs a function that only tells that it was called, behind the same event of another bucket.
"""

import dataclasses
import io
import json
import statistics
import threading
import time
import urllib.request
import zipfile
from collections import Counter
from collections.abc import Mapping

from stack import commands, deploy, emulator, options
from stack.console import Failure, step
from stack.tools import ROOT

from bench import virtual
from bench.report import Report
from bench.server import Server

RUNS, WARM_UP = 10, 2
PARAMETERS = {"PollFirstSeconds": "1", "PollMinSeconds": "1", "MaxInFlight": "100"}
_PATIENCE = 120
_SAMPLE = ROOT / "local" / "sample"
_FLOOR = """
import urllib.request

def handler(event, context):
    urllib.request.urlopen(urllib.request.Request("%s/called", method="POST"), timeout=10).read()
"""


class Provider(Server):
    """Takes every POST and tells when; a task is done when it has been asked for as often as was said."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()
        self._arrived: list[tuple[str, float]] = []
        self._asked: Counter[str] = Counter()
        self._needed: dict[str, int] = {}
        self.polls = 1
        self._video = (_SAMPLE / "reference.mp4").read_bytes()

    def arrival(self, kind: str, number: int) -> float:
        """When the POST of this number came, in seconds of the clock."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.count(kind) >= number, _PATIENCE):
                raise Failure(f"No {kind} arrived within {_PATIENCE} s.")
            return [at for what, at in self._arrived if what == kind][number - 1]

    def count(self, kind: str) -> int:
        return sum(what == kind for what, _at in self._arrived)

    def _taken(self, kind: str) -> str:
        with self._changed:
            self._arrived.append((kind, time.time()))
            name = f"task-{len(self._arrived)}"
            self._needed[name] = self.polls
            self._changed.notify_all()
            return name

    def _status(self, name: str) -> dict:
        with self._changed:
            self._asked[name] += 1
            done = self._asked[name] >= self._needed.get(name, 1)
        return {"id": name, "status": "SUCCEEDED", "output": [f"{self.url}/video.mp4"]} if done else {"id": name, "status": "RUNNING"}

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str, bytes]:
        if method == "POST":
            name = self._taken("call" if target == "/called" else "POST")
            return 200, "application/json", json.dumps({"id": name}).encode()
        if "/tasks/" in target:
            return 200, "application/json", json.dumps(self._status(target.rpartition("/")[2])).encode()
        return 200, "video/mp4", self._video


@dataclasses.dataclass
class Row:
    milliseconds: list[float] = dataclasses.field(default_factory=list)
    calls: list[Counter[str]] = dataclasses.field(default_factory=list)


def run(report: Report) -> None:
    walker = Report("")
    counted = {int(row[0]): row for row in virtual.run(walker, "CountedTasks")["tables"][0]["rows"]}
    with Provider() as provider:
        wanted = dataclasses.replace(options.read("bench", 4790), provider_url=provider.url, provider_key="sk-bench", parameters=PARAMETERS)
        try:
            commands.setup()
            emulator.start(wanted, keep_requests=True)
            found = commands.up(wanted)
            Pipeline(wanted, found, provider).run(report, counted)
        finally:
            commands.down(wanted)


class Pipeline:
    def __init__(self, wanted: options.Options, found: dict[str, str], provider: Provider) -> None:
        self._wanted, self._found, self._provider = wanted, found, provider
        self._s3, self._steps = deploy.client(wanted, "s3"), deploy.client(wanted, "stepfunctions")
        values = deploy.environment_of(wanted, found, provider.url)
        self._api, self._token = values["API_URL"], values["API_TOKEN"]
        self._orders = 0

    def run(self, report: Report, counted: dict[int, list[str]]) -> None:
        self._check(report, counted)
        step("Measuring the way to the POST")
        self._behind_the_same_event()
        rows = {"a function that tells that it was called": Row(), "an order in the bucket": Row(), "a create of the API": Row()}
        measured = dict(zip(rows, (self._floor, self._order, self._create), strict=True))
        for round in range(WARM_UP + RUNS):
            for name, once in measured.items():
                began, arrived, task = once(round)
                if round >= WARM_UP:
                    rows[name].milliseconds.append((arrived - began) * 1000)
                    rows[name].calls.append(Counter(line["call"] for line in self._requests(began, arrived) if "." in line["call"]))
                if task:
                    self._ended(task)
        floor = statistics.median(rows["a function that tells that it was called"].milliseconds)
        report.table("From", "to the POST, ms (quartiles)", "÷ the floor", "calls to AWS before it, without S3")
        for name, row in rows.items():
            low, middle, high = statistics.quantiles(row.milliseconds, n=4)
            calls, _ = Counter(tuple(sorted(calls.items())) for calls in row.calls).most_common(1)[0]
            told = ", ".join(f"{call} × {number}" if number > 1 else call for call, number in calls) or "none"
            report.row(name, f"{middle:.0f} ({low:.0f}–{high:.0f})", f"{middle / floor:.2f}", f"{sum(number for _, number in calls)}: {told}" if calls else told)

    def _check(self, report: Report, counted: dict[int, list[str]]) -> None:
        """Tasks of one, two and three polls and the one of Persist: what Step Functions recorded, and what the functions asked for, beside the walker."""
        step("Holding tasks on the local AWS against the walker")
        self._provider.polls = 1
        _began, _arrived, execution = self._order(0)  # the functions start
        self._ended(execution)
        report.table("Polls", "transitions, walker", "local AWS", "history events, walker", "local AWS", "DynamoDB requests, walker", "local AWS")
        for polls in (1, 2, 3):
            self._provider.polls = polls
            began, _arrived, execution = self._order(polls)
            self._ended(execution)
            lines = self._requests(began - self._uploading, time.time())
            calls = [line["call"] for line in lines if "Reconcile" not in line["role"] and "Api" not in line["role"]]
            history = self._history(execution)
            entered = sum(event["type"].endswith("StateEntered") for event in history)
            # The local AWS leaves out TaskStarted, which Step Functions writes for each task.
            events = len(history) + sum(event["type"] == "TaskScheduled" for event in history) * (not any(event["type"] == "TaskStarted" for event in history))
            dynamodb = sum(call.startswith("DynamoDB") for call in calls)
            row = counted[polls + 1]
            report.row(str(polls + 1), row[1], str(entered), row[2], str(events), row[3], str(dynamodb))
            report.at_most(f"{polls + 1} polls: transitions on the local AWS, beside the walker", abs(entered - float(row[1])), 0)
            report.at_most(f"{polls + 1} polls: history events on the local AWS, beside the walker", abs(events - float(row[2])), 0)
            report.at_most(f"{polls + 1} polls: DynamoDB requests on the local AWS, beside the walker", abs(dynamodb - float(row[3])), 0)
        self._provider.polls = 1

    def _order(self, round: int) -> tuple[float, float, str]:
        self._orders += 1
        folder = f"incoming/bench-{self._orders}"
        before, started = self._provider.count("POST"), set(self._executions())
        uploading = time.time()
        for name in ("character.png", "reference.mp4"):
            self._s3.put_object(Bucket=self._found["BucketName"], Key=f"{folder}/{name}", Body=(_SAMPLE / name).read_bytes())
        began = time.time()
        self._uploading = began - uploading
        self._s3.put_object(Bucket=self._found["BucketName"], Key=f"{folder}/task.json", Body=b"{}")
        arrived = self._provider.arrival("POST", before + 1)
        return began, arrived, self._new(started)

    def _create(self, round: int) -> tuple[float, float, str]:
        before, started = self._provider.count("POST"), set(self._executions())
        inputs = {"character": {"type": "image", "uri": "https://example.com/c.png"}, "reference": {"type": "video", "uri": "https://example.com/r.mp4"}}
        body = json.dumps({"model": "act_two", **inputs, "ratio": "1280:720", "tags": [f"round {round}"]}).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json", "X-Runway-Version": "2024-11-06"}
        began = time.time()
        with urllib.request.urlopen(urllib.request.Request(f"{self._api}/v1/character_performance", body, headers), timeout=60) as answer:
            answer.read()
        return began, self._provider.arrival("POST", before + 1), self._new(started)

    def _floor(self, round: int) -> tuple[float, float, None]:
        before = self._provider.count("call")
        began = time.time()
        self._s3.put_object(Bucket=self._empty, Key=f"incoming/{round}/task.json", Body=b"{}")
        return began, self._provider.arrival("call", before + 1), None

    def _behind_the_same_event(self) -> None:
        self._empty = "bench-floor"
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as packed:
            packed.writestr("floor.py", _FLOOR % self._provider.url)
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        role = deploy.client(self._wanted, "iam").create_role(RoleName="bench-floor", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        function = deploy.client(self._wanted, "lambda").create_function(
            FunctionName="bench-floor", Runtime="python3.12", Handler="floor.handler", Role=role, Code={"ZipFile": code.getvalue()}, Timeout=30
        )["FunctionArn"]
        self._s3.create_bucket(Bucket=self._empty, CreateBucketConfiguration={"LocationConstraint": options.REGION})
        what = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"]}]}
        self._s3.put_bucket_notification_configuration(Bucket=self._empty, NotificationConfiguration=what)

    def _executions(self) -> list[str]:
        pages = self._steps.get_paginator("list_executions").paginate(stateMachineArn=self._found["StateMachineArn"])
        return [execution["executionArn"] for page in pages for execution in page["executions"]]

    def _new(self, before: set[str]) -> str:
        return next(execution for execution in self._executions() if execution not in before)

    def _ended(self, execution: str) -> None:
        until = time.monotonic() + _PATIENCE
        while (status := self._steps.describe_execution(executionArn=execution)["status"]) == "RUNNING":
            if time.monotonic() > until:
                raise Failure(f"An execution did not end within {_PATIENCE} s.")
            time.sleep(0.2)
        if status != "SUCCEEDED":
            raise Failure(f"An execution ended as {status}.")

    def _history(self, execution: str) -> list[dict]:
        pages = self._steps.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [event for page in pages for event in page["events"]]

    def _requests(self, after: float, before: float) -> list[dict]:
        lines = emulator.requests(self._wanted).read_text().splitlines()
        return [line for line in map(json.loads, lines) if after <= line["at"] <= before]
