"""The functions once they run, and the first event after a snapshot, on the real Runtime Interface Client: one order after another is taken, looked at, submitted, polled and delivered.

AWS and the provider are a stand-in that answers at once (standin.py), so what is measured is the functions' own time, the runtime client's, and that of the
calls over this machine's own network.
"""

import dataclasses
import json
import statistics
import tempfile
from collections import Counter
from pathlib import Path

from stack import build, options, tools
from stack.console import Failure, step

from bench import weight
from bench.lambda_runtime import CLIENT, Function, compile_nothing, java
from bench.report import Report
from bench.standin import CREDENTIALS, StandIn

TOKEN = "understudy_" + "w" * 43
ROUNDS, WARM_UP = 1000, 200
RUNS, AFTER = 10, 40
MOST_CALLS = {"submit": 4, "poll": 3}
_SNAPSHOT = ("-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac",)
"""Lambda's own runtime says by this where the hooks are."""


@dataclasses.dataclass
class Row:
    milliseconds: list[float] = dataclasses.field(default_factory=list)
    calls: list[Counter[str]] = dataclasses.field(default_factory=list)

    @property
    def usual(self) -> Counter[str]:
        """The calls of most rounds."""
        most, _ = Counter(tuple(sorted(calls.items())) for calls in self.calls).most_common(1)[0]
        return Counter(dict(most))


@dataclasses.dataclass
class First:
    """First events, each of a JVM of its own, and the warm ones after them."""

    first: list[float] = dataclasses.field(default_factory=list)
    warm: list[float] = dataclasses.field(default_factory=list)
    priming: list[float] = dataclasses.field(default_factory=list)
    touched: int = 0
    calls: tuple[int, int] = 0, 0
    """Of a first event and of a warm one."""

    @property
    def ratio(self) -> float:
        return statistics.median(a / b for a, b in zip(self.first, self.warm, strict=True))


def run(report: Report, snapshots: Report) -> None:
    build.build()
    with tempfile.TemporaryDirectory() as scratch, StandIn() as aws:
        bench = Bench(Path(scratch), aws)
        _snapshots(snapshots, bench.snapshots())
        _warm(report, bench.warm())


class Bench:
    def __init__(self, scratch: Path, aws: StandIn) -> None:
        self._scratch, self._aws = scratch, aws
        self._jars, self._native = tools.runtime_client()
        self._orders = self._made = 0
        compile_nothing(self._jars, scratch)
        aws.token(TOKEN)
        self._environment = {
            **weight.ENVIRONMENT,
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_REGION": options.REGION,
            "COMET_API_BASE_URL": aws.url,
            "SIGNER_ROLE_ARN": "arn:aws:iam::000000000000:role/bench",
            "MAX_IN_FLIGHT": "1000000",
            "MONTHLY_CAP_USD": "1000000",
            "POLL_FIRST_SECONDS": "0",
            "SUBMIT_TIMEOUT_SECONDS": "5",
        }

    def warm(self) -> dict[str, Row]:
        step("Measuring warm invocations")
        rows = {name: Row() for name in ("nothing", "create", "get", "submit", "poll", "poll that finds the end", "persist")}
        with self._function("api") as api, self._function("submit") as submit, self._function("poll") as poll, self._function("persist") as persist, self._nothing() as nothing:
            for index in range(WARM_UP + ROUNDS):
                task, took = self._ordered(api)
                found = [("create", *took), ("get", *self._timed(api, self._call("GET", f"/v1/tasks/{task}")))]
                state = {"id": task, "generation": 1}
                self._aws.pinned(task)
                for name, function in (("submit", submit), ("poll", poll), ("poll that finds the end", poll), ("persist", persist)):
                    found.append((name, *self._timed(function, state)))
                found.append(("nothing", *self._timed(nothing, {})))
                if self._aws.kept(task)["status"] != {"S": "SUCCEEDED"}:
                    raise Failure(f"A task of the benchmark did not succeed; the logs are in {self._scratch}.")
                self._forget(task)
                if index >= WARM_UP:
                    for name, milliseconds, calls in found:
                        rows[name].milliseconds.append(milliseconds)
                        rows[name].calls.append(calls)
        return rows

    def snapshots(self) -> dict[str, First]:
        """Each in a JVM of its own: made ready, with or without what is done before a snapshot, then one event, then warm ones."""
        step("Measuring the first event after a snapshot")
        rows = {f"{name}{primed}": First() for name in ("submit", "poll") for primed in ("", ", primed")}
        with self._function("api") as api, self._function("submit") as submit:
            for _ in range(RUNS):
                for name in ("submit", "poll"):
                    for primed in (False, True):
                        self._first(rows[f"{name}{', primed' if primed else ''}"], api, submit, name, primed)
        return rows

    def _first(self, row: First, api: Function, submit: Function, name: str, primed: bool) -> None:
        orders = [self._ordered(api)[0] for _ in range(AFTER + 1)]
        for task in orders:
            self._aws.pinned(task)
        if name == "poll":
            for task in orders:
                submit.invoke({"id": task, "generation": 1})
        before = set(self._aws.items)
        self._aws.taken()
        with self._function(name, primed, snapshot=True) as function:
            if primed:
                row.priming.append(function.wait_until_restored() * 1000)
            function.wait_until_ready()
            row.touched += self._aws.taken().total() + len(set(self._aws.items) ^ before)
            found = [self._timed(function, {"id": task, "generation": 1}) for task in orders]
        row.first.append(found[0][0])
        row.warm.append(statistics.median(milliseconds for milliseconds, _ in found[1 + AFTER // 2 :]))
        row.calls = found[0][1].total(), found[-1][1].total()
        for task in orders:
            self._forget(task)

    def _function(self, name: str, primed: bool = False, snapshot: bool = False) -> Function:
        code = build.code()
        more = _SNAPSHOT if primed else ()
        command = [*java(self._native, *more), "-cp", f"{code}:{code}/lib/*:{self._jars}/*", CLIENT, weight.HANDLERS[name]]
        environment = dict(self._environment)
        if snapshot:
            environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = self._aws.url + CREDENTIALS
            del environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
        if primed:
            environment["AWS_LAMBDA_INITIALIZATION_TYPE"] = "snap-start"
        self._made += 1
        return Function(command, environment, self._scratch / f"{name}-{self._made}.log")

    def _nothing(self) -> Function:
        return Function([*java(self._native), "-cp", f"{self._scratch}:{self._jars}/*", CLIENT, "NoOp"], self._environment, self._scratch / "nothing.log")

    def _timed(self, function: Function, event: dict) -> tuple[float, Counter[str]]:
        self._aws.taken()
        _, milliseconds = function.invoke(event)
        return milliseconds, self._aws.taken()

    def _ordered(self, api: Function) -> tuple[str, tuple[float, Counter[str]]]:
        self._orders += 1
        inputs = {"character": {"type": "image", "uri": "https://example.com/c.png"}, "reference": {"type": "video", "uri": "https://example.com/r.mp4"}}
        body = {"model": "act_two", **inputs, "ratio": "1280:720", "tags": [f"take {self._orders}"]}
        self._aws.taken()
        answer, milliseconds = api.invoke(self._call("POST", "/v1/character_performance", body))
        if answer["statusCode"] != 200:
            raise Failure(f"create was answered with {answer['statusCode']}: {answer.get('body')}")
        return json.loads(answer["body"])["id"], (milliseconds, self._aws.taken())

    def _forget(self, task: str) -> None:
        for key in [key for key in self._aws.items if task in key[0] or task in key[1] or key[0].startswith("REPLAY")]:
            del self._aws.items[key]

    @staticmethod
    def _call(method: str, path: str, body: dict | None = None) -> dict:
        event = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {"authorization": f"Bearer {TOKEN}", "content-type": "application/json", "x-stainless-retry-count": "0"},
            "requestContext": {"http": {"method": method, "path": path}},
            "isBase64Encoded": False,
        }
        return event if body is None else {**event, "body": json.dumps(body)}


def _warm(report: Report, rows: dict[str, Row]) -> None:
    report.table("Function", "p50 ms", "p99 ms", "p99 ÷ p50", "÷ nothing", "calls of most rounds")
    floor = statistics.median(rows["nothing"].milliseconds)
    for name, row in rows.items():
        p50, p99 = statistics.median(row.milliseconds), statistics.quantiles(row.milliseconds, n=100)[98]
        calls = ", ".join(f"{call} × {number}" if number > 1 else call for call, number in sorted(row.usual.items())) or "none"
        report.row(name, f"{p50:.2f}", f"{p99:.2f}", f"{p99 / p50:.1f}", f"{p50 / floor:.1f}", calls)
        if name != "nothing":
            report.at_most(f"{name}, warm: p99 ÷ p50", p99 / p50, 3)
        if name in MOST_CALLS:
            report.at_most(f"{name}: calls", row.usual.total(), MOST_CALLS[name])
    report.at_most("AssumeRole in 1,000 submissions", sum(calls["STS AssumeRole"] for calls in rows["submit"].calls), 1)


def _snapshots(report: Report, rows: dict[str, First]) -> None:
    report.table("Function", "first event, ms (quartiles)", "warm, ms", "first ÷ warm", "calls, first and warm", "rehearsal, ms", "calls and items of the rehearsal outside of it")
    for name, row in rows.items():
        low, middle, high = statistics.quantiles(row.first, n=4)
        priming = f"{statistics.median(row.priming):.0f}" if row.priming else ""
        report.row(name, f"{middle:.1f} ({low:.1f}–{high:.1f})", f"{statistics.median(row.warm):.1f}", f"{row.ratio:.1f}", f"{row.calls[0]}, {row.calls[1]}", priming, str(row.touched) if row.priming else "")
        if row.priming:
            report.at_most(f"first event after a snapshot, {name} ÷ warm", row.ratio, 1.5)
            report.at_most(f"{name}: what the rehearsal asked of AWS and the provider, and changed in the table", row.touched, 0)
